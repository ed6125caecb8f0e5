import { connectHot } from "../database/connect.ts";
import { type LeaseHolder, startLeaseHolder } from "../database/lease-holders.ts";
import { endLeases } from "../database/lease-store.ts";
import type { Program } from "./program.ts";
import type { Service } from "./service-list.ts";

/** Shows the other processes that this one lives, so that they leave it its leases. */
export function leaseHolder(directUrl: string): Service<LeaseHolder> {
  const options = { applicationName: "hakika leases", max: 1, isLasting: true };
  return {
    name: "name of this process",
    start: () => startLeaseHolder(connectHot(directUrl, options)),
    stop: holder => holder.stop(),
  };
}

/** Goes on with the work of processes that ended, a start of this program before this one included. */
export function takeOver({ clients: { sql }, log, wakeUps: { local } }: Program, holder: LeaseHolder): Service {
  async function goOn(processId: string): Promise<void> {
    await endLeases(sql, processId);
    log.info({ process_id: processId }, "a process ended: its work is taken over");
    // Callbacks and polls are found by their workers' own scans.
    void local.deliver?.scan();
  }
  return { name: "work of ended processes", start: () => holder.watch(goOn), stop() {} };
}
