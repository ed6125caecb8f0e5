import { onTestFinished } from "vitest";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress, type Egress } from "../../src/egress/client.ts";
import type { EgressRequest } from "../../src/egress/exchange.ts";

/** An egress that may reach this machine unless `options` say otherwise. It is closed when the test ends. */
export function testEgress(options: Partial<Parameters<typeof createEgress>[0]> = {}): Egress {
  const egress = createEgress({ allow: [parseRange("127.0.0.0/8")!], userAgent: "Hakika/0.0.0", ...options });
  onTestFinished(() => egress.close());
  return egress;
}

/** A request with a timeout of ten seconds, which only the tests of timeouts reach. */
export function post(url: string, more: Partial<EgressRequest> = {}): EgressRequest {
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/json" },
    body: "{}",
    timeoutMs: 10_000,
    ...more,
  };
}
