import { z } from "zod";
import { isFinal } from "../../domain/kinds.ts";
import { whyNotPoll } from "../../providers/can-poll.ts";
import type { ApiDeps } from "../deps.ts";
import { timeOutput } from "../schemas/fields.ts";
import type { ListedTransactionRow } from "./store.ts";
import { lastPollOf, pollEntryOf } from "./timeline-store.ts";

/** When the provider is polled about a transaction, and what came of it last. */
export const pollingSchema = z
  .object({
    next_at: timeOutput.nullable().meta({ description: "null: polling has ended" }),
    last_at: timeOutput.nullable().meta({ description: "null: it was not polled yet" }),
    last_outcome: z
      .string()
      .nullable()
      .meta({ description: "As `outcome` in the timeline", examples: ["not-yet"] }),
    tries: z.int().meta({ description: "Polls that the provider answered", examples: [1] }),
    ends_at: timeOutput.nullable().meta({ description: "When it becomes `unresolved` or `expired` without an answer" }),
  })
  .nullable()
  .meta({ id: "Polling", description: "null: it is finished, or the provider cannot be polled about it" });

/** The polling of a transaction; null once it is final, and where the provider cannot be polled about it. */
export async function pollingOf(
  { db, directory, providers }: Pick<ApiDeps, "db" | "directory" | "providers">,
  row: ListedTransactionRow,
): Promise<z.output<typeof pollingSchema>> {
  if (isFinal(row.status)) return null;
  const { shard, id, kind, connectionId, providerRefs } = row;
  const provider = providers.get(row.provider);
  const connection = await directory.byId(shard, connectionId);
  if (!provider || !connection || whyNotPoll(provider, kind, connection.credentials, providerRefs) !== null)
    return null;
  const [entry, last] = await Promise.all([pollEntryOf(db, shard, id), lastPollOf(db, shard, id)]);
  return {
    next_at: entry && textOf(entry.dueAt),
    last_at: textOf(last?.at ?? entry?.askedAt ?? null),
    last_outcome: last?.outcome ?? null,
    tries: entry?.tries ?? 0,
    ends_at: entry && textOf(entry.endsAt),
  };
}

/** Null for `infinity` too, with which an entry waits to be removed. */
function textOf(time: Date | null): string | null {
  return time === null || Number.isNaN(time.getTime()) ? null : time.toISOString();
}
