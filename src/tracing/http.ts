/** The methods of OpenTelemetry's conventions. Any other method may be an arbitrary text. */
const known: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]);

/** Name and facts of an answered request, by OpenTelemetry's conventions. The path is left out: it may hold a token. */
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

/** Host and port of a URL. Its path, query and user may be secrets. */
export function peerOf(url: string): { "server.address": string | null; "server.port": number | null } {
  if (!URL.canParse(url)) return { "server.address": null, "server.port": null };
  const { hostname, port, protocol } = new URL(url);
  return { "server.address": hostname, "server.port": port === "" ? (protocol === "http:" ? 80 : 443) : Number(port) };
}
