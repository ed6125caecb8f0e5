import type { Logger } from "pino";
import type { AnswerRoom } from "../answer/answer.ts";
import { beforeDeadline } from "../answer/before-deadline.ts";
import { isSynchronous, leftMs, type SynchronousChannel } from "../answer/decision.ts";
import { replyOf } from "../answer/sent-answer.ts";
import { wrongReceiverOf } from "../connections/receiver.ts";
import { keyedKey } from "../database/vault/keyed-key.ts";
import type { Vault } from "../database/vault/vault.ts";
import { parseCallback } from "../providers/kit/parse-callback.ts";
import type { CallbackMethod, ParsedBody, Reply } from "../providers/provider.ts";
import { type Arrival, arrivalOf, type CallbackRequest, recordOf } from "./arrival.ts";
import { dedupeKey, unverifiedKey } from "./dedupe-key.ts";
import type { PublishedKeyCache } from "./published-keys.ts";
import { checkBody, quarantineOf } from "./quarantine.ts";
import type { RefusalLimit } from "./refusal-limit.ts";
import {
  aborted,
  keysUnavailable,
  notKept,
  type Refusal,
  tokenNotKnownYet,
  tooLarge,
  unknownUrl,
  unverified,
  wrongMethod,
} from "./refusals.ts";
import type { InboxWriter } from "./store/inbox-writer.ts";
import { type CallbackTarget, findTarget, namedChannel, type TargetDeps } from "./target.ts";
import { type Verified, verify } from "./verify.ts";
import { verifyProof } from "./verify-proof.ts";

export type ReceiveDeps = TargetDeps & {
  inboxWriter: InboxWriter;
  answerRoom: AnswerRoom;
  vault: Vault;
  publishedKeys: PublishedKeyCache;
  refusalLimit: RefusalLimit;
  /** Base of the callback URLs, without a slash at its end: a provider may sign the URL that it called. */
  publicUrl: string;
  now: () => Date;
  log: Logger;
};

/** The reply to a request. `outcome` is a label of the metric. `callbackId` is null where no callback was stored. */
export type Received = {
  reply: Reply;
  headers: Record<string, string>;
  outcome: string;
  target: CallbackTarget | null;
  callbackId: string | null;
};

/** Replies to a request to a callback URL, with its callback on disk. Reading and settling come after the reply. */
export async function receive(deps: ReceiveDeps, request: CallbackRequest): Promise<Received> {
  const startedMs = performance.now();
  const named = namedChannel(deps, request);
  const found = named === null ? "unknown" : await findTarget(deps, named, request.token);
  const lookUpMs = performance.now() - startedMs;
  if (named === null || found === "unknown") return refused(unknownUrl(), null);
  const target = found === "unavailable" ? null : found;
  const methods: readonly CallbackMethod[] = named.channel.methods ?? ["POST"];
  const method = methods.find(each => each === request.method);
  if (method === undefined) return refused(wrongMethod(methods), target);
  if (target === null) return refused(tokenNotKnownYet(), null);
  const body = await request.readBody();
  if (body === "too-large") return refused(tooLarge(), target);
  if (body === "aborted") return refused(aborted(), target);
  const arrival = arrivalOf(target, method, request, body, deps.now());
  // The time that the sender takes for its body does not count towards the deadline of a decision.
  return receiveArrival(deps, request, arrival, performance.now() - lookUpMs);
}

async function receiveArrival(
  deps: ReceiveDeps,
  request: CallbackRequest,
  arrival: Arrival,
  startedMs: number,
): Promise<Received> {
  const { target, callback, id } = arrival;
  const { connection, channel } = target;
  const verified = await verifyArrival(deps, request, arrival);
  if (verified === "unavailable") return refused(keysUnavailable(), target);
  if (!verified.ok) return refuseUnverified(deps, arrival, verified);
  if (verified.addressWarning) {
    const { address } = request;
    deps.log.warn({ connection_id: connection.id, address }, "callback accepted from an address that is not listed");
  }
  const parsed = parseCallback(callback, channel.forms);
  const read = dedupeKey(parsed.kind === "object" ? channel.key(parsed.value, callback) : null, arrival.digest);
  const key = channel.decision?.type === "ussd.input" ? keyedKey(read, deps.vault) : read;
  if (isSynchronous(channel)) return decide(deps, arrival, channel, key, parsed, startedMs);

  const { reply, outcome, quarantine } = checkBody(target, parsed, callback);
  if (isRefusal(reply) && !deps.refusalLimit(connection.id)) {
    return { reply, headers: {}, outcome, target, callbackId: null };
  }
  const answer = quarantine && { status: reply.status, body: reply.body };
  const { strength } = verified;
  const result = await deps.inboxWriter.append(recordOf(arrival, { strength, key, quarantine, answer }), parsed);
  if (result === "unavailable") return refused(notKept(), target);
  return { reply, headers: {}, outcome, target, callbackId: id };
}

/** The operator's verification first, then the provider's own proof. Either of them makes a callback `signed`. */
async function verifyArrival(
  deps: ReceiveDeps,
  request: CallbackRequest,
  { target, callback, body }: Arrival,
): Promise<Verified | "unavailable"> {
  const { connection, provider } = target;
  const { token, channel, query } = request;
  const byOperator = verify(connection.verification, { ...request, body });
  if (!byOperator.ok || provider.verify === undefined) return byOperator;
  const url = `${deps.publicUrl}/in/${provider.id}/${token}/${channel}${query === "" ? "" : `?${query}`}`;
  const proven = await verifyProof(deps.publishedKeys, provider, connection, { ...callback, url });
  if (proven === "unavailable" || !proven.ok) return proven;
  return { ...byOperator, strength: byOperator.strength === "signed" ? "signed" : proven.strength };
}

/** Stores an unverified callback in quarantine, as far as the limit allows, and refuses it in any case. */
async function refuseUnverified(
  { inboxWriter, refusalLimit }: ReceiveDeps,
  arrival: Arrival,
  { status, problem }: Extract<Verified, { ok: false }>,
): Promise<Received> {
  const { target, id, digest } = arrival;
  const { connection } = target;
  const refusal = unverified(status, connection.verification.basic !== undefined);
  if (!refusalLimit(connection.id)) return refused(refusal, target);
  const answer = { status, body: refusal.reply.body };
  const key = unverifiedKey(digest);
  await inboxWriter.append(recordOf(arrival, { strength: "hint", key, quarantine: [problem], answer }));
  return { ...refused(refusal, target), callbackId: id };
}

/**
 * Replies with the answer room's decision. Callback and answer are on disk by then, or are written after the deadline.
 */
async function decide(
  { answerRoom, inboxWriter, refusalLimit }: ReceiveDeps,
  arrival: Arrival,
  channel: SynchronousChannel,
  key: string,
  parsed: ParsedBody,
  startedMs: number,
): Promise<Received> {
  const { target, id, digest, callback } = arrival;
  const { connection, provider } = target;
  const wrongReceiver = parsed.kind === "object" ? wrongReceiverOf(provider, channel, parsed.value, connection) : null;
  const question = { id, key, digest, channel: callback.channel, receivedAt: callback.receivedAt, wrongReceiver };
  const decision = await answerRoom.answer(connection, channel, question, parsed, startedMs);
  const { answer } = decision;
  const received = { reply: replyOf(answer), headers: {}, outcome: "asked", target };
  if (isRefusal(answer) && !refusalLimit(connection.id)) return { ...received, callbackId: null };
  // A question settles nothing, so its strength does not matter.
  const known = {
    strength: "hint",
    key,
    answer,
    ...quarantineOf(arrival, parsed, decision.quarantine, wrongReceiver),
  } as const;
  const appended = inboxWriter.append(recordOf(arrival, known));
  await beforeDeadline(appended, leftMs(decision));
  return { ...received, callbackId: id };
}

/** Whether a sender is told that its callback was refused; of those only so many are stored. */
function isRefusal({ status }: Pick<Reply, "status">): boolean {
  return status >= 400;
}

function refused(refusal: Refusal, target: CallbackTarget | null): Received {
  return { ...refusal, target, callbackId: null };
}
