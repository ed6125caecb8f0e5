/** Headers of the message itself, of the connection, of every client and of proxies (RFC 9110, RFC 7239, Fetch). */
const names = [
  ...["host", "content-type", "content-length", "content-encoding", "content-language", "transfer-encoding", "trailer"],
  ...["connection", "keep-alive", "te", "upgrade", "upgrade-insecure-requests", "expect", "date", "via", "forwarded"],
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "user-agent", "cookie", "origin", "referer"],
  ...["cache-control", "pragma", "range", "priority", "from", "max-forwards", "x-forwarded-for", "x-forwarded-host"],
  ...["x-forwarded-proto", "x-forwarded-port", "x-real-ip", "x-request-id", "traceparent", "tracestate", "baggage"],
];

/** Matches every header's name but these, in any letter case. Without flags: JSON Schema has none. */
export const commonHeaders = new RegExp(`^(?!(?:${names.map(anyCase).join("|")})$)`);

function anyCase(name: string): string {
  return name.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`);
}
