import type { Queryable } from "../../database/connect.ts";
import type { Event } from "../../domain/events.ts";
import { endSessions } from "./end-sessions.ts";
import { type GatewayReport, writeGatewayReports } from "./session-end-store.ts";

/** A message of type `ussd.session_ended` with the payload that the provider's folder read. */
export type GatewayEnd = { connection: GatewayReport["connection"]; payload: unknown };

type Payload = {
  session_id: string;
  phone: string | null;
  service_code: string | null;
  network_code: string | null;
} & Record<string, string | number | null>;

/**
 * Ends the sessions that their gateways report as over, inside the caller's database transaction; resolves to the
 * events of those that were still open or had no row. What a gateway reports (cost, duration) is stored in any case.
 * All of one shard.
 */
export async function endByGateway(tx: Queryable, shard: number, ends: readonly GatewayEnd[]): Promise<Event[]> {
  if (ends.length === 0) return [];
  return endSessions(tx, shard, await writeGatewayReports(tx, shard, ends.map(reportOf)), "gateway");
}

function reportOf({ connection, payload }: GatewayEnd): GatewayReport {
  const { session_id, phone, service_code, network_code, ...gateway } = payload as Payload;
  const codes = { serviceCode: service_code, networkCode: network_code };
  return { connection, sessionId: session_id, phone, ...codes, gateway };
}
