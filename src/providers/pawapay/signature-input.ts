/** One signature of a message, and what it says that it covers. */
export type SignatureInput = {
  /** In the order in which they are signed. */
  components: string[];
  /** `(…);alg=…`, exactly as it was sent: it is signed as well. */
  params: string;
  signature: Buffer;
  keyId: string | null;
  algorithm: string | null;
  /** Seconds since 1970: when the signature expires, else when it was made. */
  until: number | null;
};

const headerCharsMax = 4096;
const label = "[a-z*][a-z0-9_.*-]*";
const parameter = `;\\s*${label}=(?:"[^"\\\\]*"|\\d{1,15})`;

/**
 * Pairs the members of `Signature-Input` and `Signature` (RFC 9421, section 4) by their label. Components with
 * parameters are not understood, so a signature over one holds for nothing.
 */
export function signatureInputs(input: string, signature: string): SignatureInput[] {
  if (input.length > headerCharsMax || signature.length > headerCharsMax) return [];
  const signatures = new Map<string, string>();
  for (const [, name, value] of signature.matchAll(new RegExp(`(${label})=:([A-Za-z0-9+/=]+):`, "g"))) {
    signatures.set(name!, value!);
  }
  const members = new RegExp(`(${label})=(\\(([^()]*)\\)((?:${parameter})*))`, "g");
  return [...input.matchAll(members)].flatMap(([, name, params, list, parameters]) => {
    const value = signatures.get(name!);
    const components = componentsIn(list!);
    if (value === undefined || components === null) return [];
    const expires = textIn(parameters!, "expires") ?? textIn(parameters!, "created");
    return {
      components,
      params: params!,
      signature: Buffer.from(value, "base64"),
      keyId: textIn(parameters!, "keyid"),
      algorithm: textIn(parameters!, "alg"),
      until: expires === null ? null : Number(expires),
    };
  });
}

function componentsIn(list: string): string[] | null {
  const names = list.split(/ +/).filter(item => item !== "");
  return names.every(item => /^"[^"]+"$/.test(item)) ? names.map(item => item.slice(1, -1).toLowerCase()) : null;
}

function textIn(parameters: string, name: string): string | null {
  const [, quoted, number] = new RegExp(`;\\s*${name}=(?:"([^"]*)"|(\\d+))`).exec(parameters) ?? [];
  return quoted ?? number ?? null;
}
