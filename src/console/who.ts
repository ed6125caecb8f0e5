/** Whose key it is, as the API sees it: `admin` or a key's id; `unknown` where it takes no such key, `away` where it cannot tell. */
export type Who = { kind: "known"; actor: string } | { kind: "unknown" } | { kind: "away" };
