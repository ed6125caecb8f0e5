/** Why there is no answer: a stable `code` to count by, and a `reason` for people, without addresses or secrets. */
export type EgressFailure = { code: string; reason: string };

/** The code of an error with which the guard refuses a connection. */
export const refusedCode = "EGRESS_REFUSED";

/** Reasons by code. Error messages are not passed on: Node's contain the address, OpenSSL's a line of its source. */
const reasonByCode = {
  ENOTFOUND: "the name does not exist",
  EAI_AGAIN: "the name could not be looked up",
  ECONNREFUSED: "the server refused the connection",
  ECONNRESET: "the server broke the connection",
  EPIPE: "the server broke the connection",
  UND_ERR_SOCKET: "the server closed the connection before its answer was complete",
  ETIMEDOUT: "the connection could not be made in time",
  EHOSTUNREACH: "no route to the server",
  ENETUNREACH: "no route to the server",
  EADDRNOTAVAIL: "no local port is free",
  EMFILE: "too many files are open here",
  UND_ERR_HEADERS_OVERFLOW: "the answer's headers are too large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer is not as long as it says",
  NOT_HTTP: "the answer is not HTTP/1.1",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not signed by a known authority",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not signed by a known authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is not signed by a known authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server does not send its whole certificate chain",
  EPROTO: "no encrypted connection could be agreed on",
  ABORTED: "the request was aborted",
  EGRESS_BUSY: "too many requests to this server are waiting",
  EGRESS_CLOSED: "the program is stopping",
} as const satisfies Record<string, string>;

/** The failure with one of the codes above. */
export function egressFailure(code: keyof typeof reasonByCode): EgressFailure {
  return { code, reason: reasonByCode[code] };
}

/** The failure that an error of undici, net, tls or the DNS lookup means. */
export function describeFailure(error: unknown): EgressFailure {
  const code = codeOf(error);
  if (Object.hasOwn(reasonByCode, code)) return egressFailure(code as keyof typeof reasonByCode);
  // undici takes its parser's codes by number, and some numbers have no name.
  if ((error as Error).name === "HTTPParserError") return egressFailure("NOT_HTTP");
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_)/.test(code)) return { code, reason: "the encrypted connection failed" };
  return { code, reason: "the connection failed" };
}

/** The code of an error. Where all addresses of a name failed (AggregateError) it is the first address's code. */
function codeOf(error: unknown): string {
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  if (typeof code === "string") return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : "UNKNOWN";
}
