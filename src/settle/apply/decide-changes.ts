import type { Event } from "../../domain/events.ts";
import type { MergedBatch } from "../match/lock-and-merge.ts";
import { RefusedRegistrations } from "../refused-registrations.ts";
import { messageEvents } from "./messages.ts";
import { changeTransaction, type TransactionChange } from "./transaction-change.ts";

/** A batch with what is to be written. `events` are those of the changes and of the messages. */
export type DecidedBatch = MergedBatch & { changes: TransactionChange[]; events: Event[] };

/**
 * Stage 5: decides every transaction of the batch, and makes the events. Ends the USSD sessions that gateways ended.
 * Throws `RefusedRegistrations` where a registration may not change what another one says.
 */
export async function decideChanges(batch: MergedBatch): Promise<DecidedBatch> {
  const changes = batch.updates.map(update => changeTransaction(update, batch.deps.providers, batch.now));
  const refusals = changes.flatMap(change => [...change.refusals]);
  if (refusals.length > 0) {
    throw new RefusedRegistrations(new Map(refusals.map(([position, refusal]) => [batch.items[position]!, refusal])));
  }
  const messages = await messageEvents(batch);
  return { ...batch, changes, events: [...changes.flatMap(change => change.events), ...messages] };
}
