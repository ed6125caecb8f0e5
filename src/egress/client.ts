import type { AddressRange } from "./address.ts";
import { type Connections, makeConnections, type PoolLimits } from "./connections.ts";
import { type EgressRequest, type EgressResult, exchange } from "./exchange.ts";
import { guardedConnectors } from "./guard.ts";
import { headerList } from "./headers.ts";
import { type DnsLookup, makeLookup } from "./lookup.ts";
import { checkUrl } from "./url.ts";

export type Egress = {
  /**
   * Sends one request and reads its answer. Never rejects for what the network, the server or the URL does: each outcome is a value.
   * A redirect is an answer like any other; nothing is followed, retried or decompressed.
   */
  send(request: EgressRequest): Promise<EgressResult>;
  /** For metrics. */
  count: Connections["count"];
  /** Ends what is under way with the code `EGRESS_CLOSED` and closes every connection. Drain first. */
  close(): Promise<void>;
};

const limitsByDefault = {
  connectionsPerOriginMax: 128,
  connectionsPerPartyMin: 8,
  waitingPerOriginMax: 1024,
  originsMax: 512,
  // Below the five seconds after which Node, uvicorn and Apache close an idle connection.
  keepAliveMs: 4000,
} as const satisfies PoolLimits;

/**
 * The one way out: everything that goes to a URL somebody configured goes through here. Reaches public addresses over https, and
 * whatever `allow` covers; see guard.ts. `ca` (PEM) adds to nothing: it replaces the system's authorities.
 */
export function createEgress(options: {
  allow: readonly AddressRange[];
  userAgent: string;
  lookup?: DnsLookup;
  ca?: string;
  limits?: Partial<PoolLimits>;
}): Egress {
  const { allow, userAgent, lookup = makeLookup(), ca, limits } = options;
  const connections = makeConnections(guardedConnectors({ allow, lookup, ca }), { ...limitsByDefault, ...limits });
  const defaults = [
    ["user-agent", userAgent],
    ["accept-encoding", "identity"],
  ] as const;

  return {
    async send(request) {
      const checked = checkUrl(request.url, allow);
      if (!checked.ok) return { kind: "refused", reason: checked.problem, latencyMs: 0 };
      const headers = headerList(request.headers, defaults);
      if (!Array.isArray(headers)) return { kind: "refused", reason: headers.problem, latencyMs: 0 };
      return exchange(connections, request, checked.url, headers);
    },
    count: connections.count,
    close: connections.close,
  };
}
