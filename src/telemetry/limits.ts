/** What a limit bounds, and what is answered beyond it. */
type Limit = { bounds: string; answer: string };

/** The limits that are counted where they are reached, by their label. The documents' table is made from these. */
export const limits = {
  endpoints: { bounds: "`HAKIKA_LIMIT_ENDPOINTS` endpoints of a merchant", answer: "422 `limit-reached`" },
  connections: { bounds: "`HAKIKA_LIMIT_CONNECTIONS` connections of a merchant", answer: "422 `limit-reached`" },
  keys: { bounds: "`HAKIKA_LIMIT_KEYS` API keys of a merchant", answer: "422 `limit-reached`" },
  calls: {
    bounds: "`HAKIKA_LIMIT_CALLS_PER_S` calls a second of a key on average, four times as many at once, in a process",
    answer: "429 with `Retry-After`",
  },
  refused_callbacks: {
    bounds: "60 callbacks a minute of a connection that are answered 400, 401 or 403",
    answer: "the same as below the limit; the callback is counted and not kept",
  },
  sign_ins: {
    bounds: "10 failed sign-ins a minute of an address, 300 of all, in a process; a right key always passes",
    answer: "429 with `Retry-After`",
  },
  open_connections: {
    bounds: "HTTP connections at a time: three quarters of the file limit",
    answer: "the connection is closed",
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;
