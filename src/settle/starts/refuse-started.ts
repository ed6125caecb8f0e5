import { beginsStart, type Group } from "../match/group.ts";
import type { GroupedBatch } from "../match/group-items.ts";
import { RefusedRegistrations } from "../refused-registrations.ts";
import { startedByReference } from "./start-store.ts";

/**
 * Refuses starts whose kind and reference an unfinished started transaction has, unless they may start it again. The
 * reference is locked by then (match-store.ts), so that of two at once one is refused.
 */
export async function refuseStarted({ tx, shard, items }: GroupedBatch, groups: Group[]): Promise<void> {
  const beginning = groups.filter(beginsStart).flatMap(({ connection, registrations, starts }) => {
    const [request] = registrations;
    const mayRepeat = starts.some(step => step.step === "begin" && step.again);
    if (mayRepeat || !request?.registration.reference) return [];
    const { kind, reference } = request.registration;
    return [{ position: request.position!, connectionId: connection.id, kind, reference }];
  });
  const met = await startedByReference(tx, shard, beginning);
  if (met.size === 0) return;
  throw new RefusedRegistrations(
    new Map(
      [...met].map(([at, transactionId]) => [items[beginning[at]!.position]!, { kind: "started", transactionId }]),
    ),
  );
}
