import { connectHot } from "../database/connect.ts";
import { type LeaseHolder, startLeaseHolder } from "../database/lease-holders.ts";
import { leaseIdsOf } from "../database/lease-ids.ts";
import { endDeliveryLeases } from "../deliver/queue/claim-store.ts";
import { endTokenLeases } from "../reconcile/calls/token-store.ts";
import { endPollLeases } from "../reconcile/due-store.ts";
import { endPullLeases } from "../reconcile/statements/pull-store.ts";
import { endInboxLeases } from "../settle/inbox/inbox-store.ts";
import type { Program } from "./program.ts";
import type { Service } from "./service-list.ts";

/** Shows the other processes that this one lives, so that they leave it its leases. */
export function leaseHolder(databaseUrl: string): Service<LeaseHolder> {
  const options = { applicationName: "hakika leases", max: 1, isLasting: true };
  return {
    name: "name of this process",
    start: () => startLeaseHolder(connectHot(databaseUrl, options)),
    stop: holder => holder.stop(),
  };
}

/** Goes on with the work of processes that ended, a start of this program before this one included. */
export function takeOver({ clients: { sql }, log, wakeUps: { local } }: Program, holder: LeaseHolder): Service {
  async function endLeases(processId: string): Promise<void> {
    const leases = leaseIdsOf(processId);
    await Promise.all([
      endInboxLeases(sql, leases),
      endDeliveryLeases(sql, leases),
      endPollLeases(sql, leases),
      endPullLeases(sql, leases),
      endTokenLeases(sql, leases),
    ]);
    log.info({ process_id: processId }, "a process ended: its work is taken over");
    // Callbacks and polls are found by their workers' own scans.
    void local.deliver?.scan();
  }
  return { name: "work of ended processes", start: () => holder.watch(endLeases), stop() {} };
}
