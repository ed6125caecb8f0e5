import type { AddressRange } from "./address.ts";
import { type EgressRequest, type EgressResult, exchange } from "./exchange.ts";
import { guardedConnectors } from "./guard.ts";
import { headerList } from "./headers.ts";
import { createLookup, type DnsLookup } from "./lookup.ts";
import { type ConnectionPool, createPool, type PoolLimits } from "./pool.ts";
import { checkUrl } from "./url.ts";

export type Egress = {
  /**
   * Sends one request and reads its answer. Failures of the network, the server or the URL are values; the promise
   * never rejects for them. Redirects are not followed, requests are not retried, answers are not decompressed.
   */
  send(request: EgressRequest): Promise<EgressResult>;
  /** The connections, for metrics. */
  count: ConnectionPool["count"];
  /** Fails the requests under way with the code `EGRESS_CLOSED` and closes every connection. */
  close(): Promise<void>;
};

const limitsByDefault = {
  connectionsPerOriginMax: 128,
  connectionsPerTenantMin: 8,
  waitingPerOriginMax: 1024,
  originsMax: 512,
  // Below the 5 s after which Node, uvicorn and Apache close an idle connection.
  keepAliveMs: 4000,
} as const satisfies PoolLimits;

/**
 * The only way out: every request to a configured URL is sent here. Reaches public addresses over https, and the
 * addresses in `allow`; see guard.ts. `ca` (PEM) replaces the system's certificate authorities.
 */
export function createEgress(options: {
  allow: readonly AddressRange[];
  userAgent: string;
  lookup?: DnsLookup;
  ca?: string;
  limits?: Partial<PoolLimits>;
}): Egress {
  const { allow, userAgent, lookup = createLookup(), ca, limits } = options;
  const pool = createPool(guardedConnectors({ allow, lookup, ca }), { ...limitsByDefault, ...limits });
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
      return exchange(pool, request, checked.url, headers);
    },
    count: pool.count,
    close: pool.close,
  };
}
