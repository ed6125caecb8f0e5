import { z } from "zod";
import type { Vault } from "../../database/vault/vault.ts";
import { publicId } from "../../domain/ids.ts";
import { channelOf } from "../../providers/channels.ts";
import type { ApiDeps } from "../deps.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { type CallbackRow, conflictsOf } from "./store.ts";

const conflictsShownMax = 20;

export const callbackSchema = z
  .object({
    id: idOutput("callback"),
    merchant_id: idOutput("merchant"),
    connection_id: idOutput("connection"),
    provider: z.string().meta({ examples: ["daraja"] }),
    channel: z.string().meta({ examples: ["stk"] }),
    read_as: z
      .string()
      .nullable()
      .meta({
        description: "The channel that the bytes were last read as, where an operator named another one",
        examples: [null],
      }),
    state: z.enum(["pending", "processed", "quarantined"]).meta({ examples: ["processed"] }),
    copies: z.int().meta({ description: "How often exactly this body arrived" }),
    received_at: timeOutput,
    problems: z.array(z.object({ path: z.string(), message: z.string() })).meta({ examples: [[]] }),
    answer: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({
        description: "The response that the provider got",
        examples: [{ status: 200, body: '{"ResultCode":0,"ResultDesc":"Accepted"}' }],
      }),
    transaction_ids: z.array(idOutput("transaction")),
    conflicts_with: z
      .array(idOutput("callback"))
      .meta({ description: "Callbacks with the same dedupe key and another body", examples: [[]] }),
  })
  .meta({ id: "Callback", description: "A request that a provider sent, kept as it arrived." });

/** Callbacks of one shard, as the API shows them. */
export async function callbacksJson(rows: CallbackRow[], deps: Pick<ApiDeps, "db" | "sql" | "providers">) {
  const [first] = rows;
  if (first === undefined) return [];
  const ids = rows.map(({ id }) => id);
  const conflicts = await conflictsOf(deps.db, first.shard, ids);
  return rows.map(row => ({
    id: publicId("callback", row.id),
    merchant_id: publicId("merchant", row.merchantId),
    connection_id: publicId("connection", row.connectionId),
    provider: row.provider,
    channel: row.channel,
    read_as: row.readAs,
    state: row.state ?? "pending",
    copies: row.copies,
    received_at: row.receivedAt.toISOString(),
    problems: row.problems ?? [],
    answer: storedAnswer(row, deps.sql.vault) ?? acceptedAnswer(row, deps),
    transaction_ids: (row.transactionIds ?? []).map(id => publicId("transaction", id)),
    conflicts_with: conflicts
      .filter(({ id }) => id === row.id)
      .slice(0, conflictsShownMax)
      .map(({ otherId }) => publicId("callback", otherId)),
  }));
}

function storedAnswer({ id, sealed, answer }: CallbackRow, vault: Vault) {
  return sealed === null ? answer : vault.openJson<Record<string, unknown>>("callbacks", id, sealed);
}

/**
 * The response that a channel gives to every accepted callback. It is the same for all, so it is not stored with each;
 * only a refusal or a decision is.
 */
function acceptedAnswer(row: CallbackRow, { providers }: Pick<ApiDeps, "providers">) {
  const channel = channelOf(providers.get(row.provider), row.channel);
  if (!channel) return null;
  const { status, body } = channel.accepted({});
  return { status, body };
}
