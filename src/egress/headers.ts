/** Headers of the connection and of the body's framing. A merchant that could set them could forge requests. */
export const reservedHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const headerValueCharsMax = 4096;

/** Why a header may not be sent, as text for the person who configured it; null where it may. Omits the value. */
export function checkHeader(name: string, value: string): string | null {
  if (!/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name)) return "a header's name has letters, digits and dashes only";
  if (reservedHeaders.has(name.toLowerCase())) return `the header ${name} cannot be set`;
  if (value.length > headerValueCharsMax) return `the header ${name} is longer than ${headerValueCharsMax} characters`;
  // A line break would begin another header. Characters outside Latin-1 cannot be sent.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return `the header ${name} has characters that cannot be sent`;
  return null;
}

/**
 * The flat list that undici takes: `headers`, then those of `defaults` (lower-case names) that `headers` does not set.
 * Or the problem of the first header that cannot be sent.
 */
export function headerList(
  headers: Readonly<Record<string, string>>,
  defaults: readonly (readonly [name: string, value: string])[],
): string[] | { problem: string } {
  const list: string[] = [];
  const unset = new Map(defaults);
  for (const name in headers) {
    const value = headers[name]!;
    const problem = checkHeader(name, value);
    if (problem !== null) return { problem };
    unset.delete(name.toLowerCase());
    list.push(name, value);
  }
  for (const [name, value] of unset) list.push(name, value);
  return list;
}
