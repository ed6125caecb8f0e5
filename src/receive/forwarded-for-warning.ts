import type { Logger } from "pino";

const everyMs = 3_600_000;

/**
 * Notes requests that come through a proxy which is not trusted: every callback then seems to come from the proxy, and
 * addresses verify nothing. One line an hour. `nowMs` is monotonic.
 */
export function createForwardedForWarning(log: Pick<Logger, "warn">, nowMs: () => number): () => void {
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (nowMs() < quietUntilMs) return;
    quietUntilMs = nowMs() + everyMs;
    log.warn(
      "callbacks come with X-Forwarded-For, and HAKIKA_TRUSTED_PROXIES is empty: all seem to come from the proxy; " +
        "set it to the proxy's address",
    );
  };
}
