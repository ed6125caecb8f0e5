/** Methods that OpenTelemetry's conventions know by name; others may be anything a stranger writes. */
const known: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]);

/** Name and facts of a request that was answered, by the conventions. The path itself is left out: it may hold a token. */
export function served(method: string, route: string | null, status: number) {
  const isKnown = known.has(method);
  const word = isKnown ? method : "HTTP";
  return {
    name: route === null ? word : `${word} ${route}`,
    facts: {
      "http.request.method": isKnown ? method : "_OTHER",
      "http.route": route,
      "http.response.status_code": status,
      "url.scheme": "http",
    },
    errorType: status >= 500 ? String(status) : null,
  };
}

/** Whom a request goes to: the host alone. Path, query and user of a URL may be secrets of whoever configured it. */
export function peerOf(url: string): { "server.address": string | null; "server.port": number | null } {
  if (!URL.canParse(url)) return { "server.address": null, "server.port": null };
  const { hostname, port, protocol } = new URL(url);
  return { "server.address": hostname, "server.port": port === "" ? (protocol === "http:" ? 80 : 443) : Number(port) };
}
