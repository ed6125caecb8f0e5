import { createEgress, type Egress } from "../egress/client.ts";
import { userAgent } from "../version.ts";
import type { Config } from "./config.ts";
import type { Service } from "./service-list.ts";

/** The HTTP client for all calls to providers and merchants. */
export function egressService({ egressAllow }: Config): Service<Egress> {
  return {
    name: "egress",
    start: () => createEgress({ allow: egressAllow, userAgent }),
    stop: egress => egress.close(),
  };
}
