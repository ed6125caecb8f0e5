import type { Logger } from "pino";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Config } from "./config.ts";
import { type HttpServer, listeningService } from "./http-server.ts";
import { adminNames } from "./listen-problem.ts";
import type { MetricsText } from "./processes/child.ts";
import type { Service } from "./service-list.ts";
import { startingApp } from "./starting-app.ts";

/** The admin's address gets this part of the connections: idle ones there must not keep out callbacks. */
const adminPart = 1 / 8;

/** The servers of the listen addresses, the public one first; both answer as a program that is starting. */
export function listeners(
  { host, port, adminListen }: Config,
  metrics: MetricsText,
  connectionsMax: number | null,
  { telemetry, log }: { telemetry: Telemetry; log: Logger },
): { main: Service<HttpServer>; admin: Service<HttpServer> | null } {
  const address = { host, port };
  if (adminListen === null) {
    return {
      main: listeningService({ address, starting: startingApp(metrics), connectionsMax, telemetry, log }),
      admin: null,
    };
  }
  const adminMax = connectionsMax === null ? null : Math.max(1, Math.floor(connectionsMax * adminPart));
  const mainMax = connectionsMax === null ? null : Math.max(1, connectionsMax - (adminMax ?? 0));
  return {
    main: listeningService({ address, starting: startingApp(null), connectionsMax: mainMax, telemetry, log }),
    admin: listeningService({
      ...{ name: "HTTP server of the admin's address", address: adminListen, names: adminNames },
      ...{ starting: startingApp(metrics), connectionsMax: adminMax, telemetry, log },
    }),
  };
}
