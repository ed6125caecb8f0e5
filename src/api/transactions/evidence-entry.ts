import { policyOf } from "../../connections/connection.ts";
import type { Vault } from "../../database/vault/vault.ts";
import { weigh } from "../../domain/decide/weigh.ts";
import type { Evidence, SameReference } from "../../domain/evidence.ts";
import { publicId } from "../../domain/ids.ts";
import { formatMoney } from "../../domain/money.ts";
import { connectionCanPoll } from "../../providers/can-poll.ts";
import { evidenceFromRow, registrationFromJson } from "../../settle/finding-json.ts";
import { openPersonal } from "../../settle/personal-part.ts";
import type { ApiDeps } from "../deps.ts";
import type { ListedTransactionRow } from "./store.ts";
import type { TimelineEntryOf } from "./timeline-schema.ts";
import type { evidenceOf } from "./timeline-store.ts";

type StrengthOf = (evidence: Evidence) => TimelineEntryOf<"evidence">["strength"];

/** The strength that evidence counts with for a transaction. */
export async function weigher(
  { directory, providers, sql }: Pick<ApiDeps, "directory" | "providers" | "sql">,
  row: ListedTransactionRow,
): Promise<StrengthOf> {
  const connection = await directory.byId(row.shard, row.connectionId);
  if (connection === null) return evidence => evidence.strength;
  const registration = registrationFromJson(row.registration, openPersonal(row, sql.vault));
  const policy = policyOf(connection, connectionCanPoll(providers, connection, row.kind));
  return evidence => weigh(evidence, registration, policy).strength;
}

/** A row of `evidence` as the timeline shows it. */
export function toEvidenceEntry(
  row: Awaited<ReturnType<typeof evidenceOf>>[number],
  strengthOf: StrengthOf,
  vault: Vault,
): TimelineEntryOf<"evidence"> {
  const { transactionId: transaction_id, callbackId: callback_id, learntAt: learnt_at } = row;
  const evidence = evidenceFromRow({ ...row, transaction_id, callback_id, learnt_at }, vault);
  const { source, says, refs, amount, result, note, callbackId, learntAt } = evidence;
  return {
    type: "evidence",
    at: learntAt.toISOString(),
    source,
    strength: strengthOf(evidence),
    says,
    callback_id: callbackId === null ? null : publicId("callback", callbackId),
    provider_refs: refs,
    amount: amount ? formatMoney(amount) : null,
    currency: amount?.currency ?? null,
    result: result ?? null,
    ...aboutOthers(evidence),
    note: note ?? null,
  };
}

/** What evidence says of other transactions, in words, and which those are. */
function aboutOthers(evidence: Evidence): { detail: string | null; related: string[] } {
  const { duplicateOf, reversedBy, sameReference, sameReferenceEnded, changed, provisional } = evidence;
  const ids = [duplicateOf, reversedBy, sameReference?.transactionId, sameReferenceEnded];
  const related = ids.filter(id => id !== undefined).map(id => publicId("transaction", id));
  if (duplicateOf !== undefined) return { detail: "another transaction has the same receipt", related };
  if (reversedBy !== undefined) return { detail: "a reversal gave it back", related };
  if (sameReference !== undefined) return { detail: sameReferenceText(sameReference), related };
  if (sameReferenceEnded !== undefined) {
    return { detail: "the difference to another transaction of the same reference is settled", related };
  }
  if (changed) return { detail: "something happened, and the provider is asked what", related };
  if (provisional) return { detail: "a failure that may be revised, so it does not count yet", related };
  return { detail: null, related };
}

function sameReferenceText({ role, minor, currency }: SameReference): string {
  const amount = `${currency} ${formatMoney({ minor: BigInt(minor), currency })}`;
  return role === "payment"
    ? `a payment of ${amount} names the same reference`
    : `an order of ${amount} is registered with the same reference`;
}
