import { receiversOf } from "../../connections/receiver.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { channelOf } from "../../providers/channels.ts";
import type { DecisionChannel, RejectionReason } from "../../providers/decision.ts";
import type { Provider } from "../../providers/provider.ts";
import type { SettleDeps } from "../batch.ts";
import type { SettleItem } from "../item.ts";
import type { ClaimedCallback } from "./inbox-store.ts";
import type { ReadItem } from "./read.ts";
import { type ValidationAnswer, validationAnswers } from "./validation-store.ts";

type PaymentValidation = Extract<DecisionChannel, { type: "c2b.validation" | "airtime.validation" }>;

const reasons = [
  "invalid_phone",
  "unknown_account",
  "invalid_amount",
  "customer_not_verified",
  "wrong_receiver",
  "other",
] as const satisfies RejectionReason[];

/**
 * Marks payments that came although their validation was refused: a provider that got no answer in time, or was told
 * otherwise, takes the money all the same. Such a payment counts as any other; its evidence says what happened. One
 * look-up for the batch, by the provider's id of the payment, where the batch has confirmations at all.
 */
export async function markRefusedValidations(
  { sql, providers }: Pick<SettleDeps, "sql" | "providers">,
  shard: number,
  read: ReadItem[],
): Promise<ReadItem[]> {
  const asked = read.flatMap(({ claimed, item }) => {
    const provider = providers.get(claimed.provider);
    const channels = provider && mayBeRefused(provider, item) ? validationChannels(provider, claimed) : [];
    return channels.map(channel => ({ connectionId: claimed.connectionId, channel, key: claimed.key }));
  });
  const answers = asked.length === 0 ? [] : await validationAnswers(sql, shard, asked);
  return read.map(({ claimed, item }) => {
    const answer = answers.find(each => each.connectionId === claimed.connectionId && each.key === claimed.key);
    const refusal = answer && isPayment(item) ? refusalOf(providers.get(claimed.provider), answer) : null;
    if (refusal === null) return { claimed, item };
    return { claimed, item: { ...item, evidence: item.evidence.map(each => marked(each, refusal)) } };
  });
}

function isPayment({ evidence }: SettleItem): boolean {
  return evidence.some(({ kind, says }) => kind === "c2b" && says === "completed");
}

/** A connection that decides nothing and names no receiver accepts every payment. */
function mayBeRefused(provider: Provider, item: SettleItem): boolean {
  const { connection } = item;
  const decides = connection.settings.c2b_validation !== undefined || receiversOf(provider, connection) !== null;
  return decides && isPayment(item);
}

/** The channels on which the provider asked about the payment before; none for a callback of such a channel. */
function validationChannels(provider: Provider, { channel, readAs }: ClaimedCallback): string[] {
  if (channelOf(provider, readAs ?? channel)?.decision) return [];
  return Object.entries(provider.channels).flatMap(([name, { decision }]) =>
    decision?.type === "c2b.validation" ? [name] : [],
  );
}

/** The refusal that was sent, with the provider's code: `refused: C2B00012`. Null where the payment was accepted. */
function refusalOf(provider: Provider | undefined, { channel, body }: ValidationAnswer): string | null {
  const decision = channelOf(provider, channel)?.decision;
  if (decision?.type !== "c2b.validation" || decision.reply({ accept: true }).body === body) return null;
  const reason = reasons.find(each => decision.reply({ accept: false, reason: each }).body === body);
  const code = reason && codeOf(decision, reason);
  return code === undefined ? "refused" : `refused: ${code}`;
}

function codeOf({ codes = {} }: PaymentValidation, reason: RejectionReason): string | undefined {
  return Object.keys(codes).find(code => codes[code] === reason);
}

function marked(evidence: Evidence, refusal: string): Evidence {
  const note = `The validation of this payment was ${refusal}, and the payment came all the same.`;
  return { ...evidence, details: { ...evidence.details, validation: refusal }, note };
}
