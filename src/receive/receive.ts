import { createHash } from "node:crypto";
import type { Logger } from "pino";
import type { AnswerRoom } from "../answer/answer.ts";
import { beforeDeadline } from "../answer/before-deadline.ts";
import { isSynchronous, leftMs, type SynchronousChannel } from "../answer/decision.ts";
import { replyOf } from "../answer/sent-answer.ts";
import { newUuid } from "../domain/ids.ts";
import { parseBody } from "../providers/kit/parse-body.ts";
import type { ParsedBody, Reply } from "../providers/provider.ts";
import { type CallbackPath, type CallbackTarget, findTarget, type TargetDeps } from "./callback-target.ts";
import { dedupeKey, unverifiedKey } from "./dedupe-key.ts";
import { redactHeaders } from "./header-redaction.ts";
import { checkBody } from "./quarantine.ts";
import type { RefusalLimit } from "./refusal-limit.ts";
import {
  aborted,
  notKept,
  type Refusal,
  tokenNotKnownYet,
  tooLarge,
  unknownUrl,
  unverified,
  wrongMethod,
} from "./refusals.ts";
import type { CallbackRecord } from "./store/callback-record.ts";
import type { InboxWriter } from "./store/inbox-writer.ts";
import { type Verified, verify } from "./verify.ts";

/** A request to a callback URL. `headers` have lower-case names; `address` is the client's. */
export type CallbackRequest = CallbackPath & {
  method: string;
  headers: Record<string, string>;
  address: string;
  readBody(): Promise<Buffer | "too-large" | "aborted">;
};

export type ReceiveDeps = TargetDeps & {
  inboxWriter: InboxWriter;
  answerRoom: AnswerRoom;
  refusalLimit: RefusalLimit;
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
  const found = await findTarget(deps, request);
  const lookUpMs = performance.now() - startedMs;
  if (found === "unknown") return refused(unknownUrl(), null);
  const target = found === "unavailable" ? null : found;
  if (request.method !== "POST") return refused(wrongMethod(), target);
  if (target === null) return refused(tokenNotKnownYet(), null);
  const body = await request.readBody();
  if (body === "too-large") return refused(tooLarge(), target);
  if (body === "aborted") return refused(aborted(), target);
  // The time that the sender takes for its body does not count towards the deadline of a decision.
  return receiveCallback(deps, target, request, body, performance.now() - lookUpMs);
}

async function receiveCallback(
  deps: ReceiveDeps,
  target: CallbackTarget,
  request: CallbackRequest,
  body: Buffer,
  startedMs: number,
): Promise<Received> {
  const { connection, channel, channelName } = target;
  const { headers, address } = request;
  const verified = verify(connection.verification, { headers, body, address });
  const callback = newCallback(target, request, body, deps.now());
  if (!verified.ok) return refuseUnverified(deps, target, callback, verified);
  if (verified.addressWarning) {
    deps.log.warn({ connection_id: connection.id, address }, "callback accepted from an address that is not listed");
  }
  const parsed = parseBody(body, headers["content-type"] ?? "", channel.forms);
  const key = dedupeKey(parsed.kind === "object" ? channel.key(parsed.value) : null, callback.digest);
  if (isSynchronous(channel)) return decide(deps, target, channel, { ...callback, key }, parsed, startedMs);

  const { receivedAt } = callback;
  const { reply, outcome, quarantine } = checkBody(channel, parsed, {
    channel: channelName,
    headers,
    body,
    receivedAt,
  });
  const answer = quarantine && { status: reply.status, body: reply.body };
  const result = await deps.inboxWriter.append({ ...callback, key, strength: verified.strength, quarantine, answer });
  if (result === "unavailable") return refused(notKept(), target);
  return { reply, headers: {}, outcome, target, callbackId: callback.id };
}

/** A callback that has just arrived. What is still missing depends on its verification and its body. */
type NewCallback = Omit<CallbackRecord, "key" | "strength" | "quarantine" | "answer">;

function newCallback(target: CallbackTarget, request: CallbackRequest, body: Buffer, receivedAt: Date): NewCallback {
  const { connection, channelName } = target;
  return {
    shard: connection.shard,
    id: newUuid(connection.shard),
    merchantId: connection.merchantId,
    connectionId: connection.id,
    provider: connection.provider,
    channel: channelName,
    digest: createHash("sha256").update(body).digest(),
    receivedAt,
    headers: redactHeaders(request.headers, connection.verification),
    body,
  };
}

/** Stores an unverified callback in quarantine, as far as the limit allows, and refuses it in any case. */
async function refuseUnverified(
  { inboxWriter, refusalLimit }: ReceiveDeps,
  target: CallbackTarget,
  callback: NewCallback,
  { status, problem }: Extract<Verified, { ok: false }>,
): Promise<Received> {
  const { connection } = target;
  const refusal = unverified(status, connection.verification.basic !== undefined);
  if (!refusalLimit(connection.id)) return refused(refusal, target);
  await inboxWriter.append({
    ...callback,
    key: unverifiedKey(callback.digest),
    strength: "hint",
    quarantine: [problem],
    answer: { status, body: refusal.reply.body },
  });
  return { ...refused(refusal, target), callbackId: callback.id };
}

/**
 * Replies with the answer room's decision. Callback and answer are on disk by then, or are written after the deadline.
 */
async function decide(
  { answerRoom, inboxWriter }: ReceiveDeps,
  target: CallbackTarget,
  channel: SynchronousChannel,
  callback: NewCallback & Pick<CallbackRecord, "key">,
  parsed: ParsedBody,
  startedMs: number,
): Promise<Received> {
  const decision = await answerRoom.answer(target.connection, channel, callback, parsed, startedMs);
  const { answer, quarantine } = decision;
  // A question settles nothing, so its strength does not matter.
  const appended = inboxWriter.append({ ...callback, strength: "hint", quarantine, answer });
  await beforeDeadline(appended, leftMs(decision));
  return { reply: replyOf(answer), headers: {}, outcome: "asked", target, callbackId: callback.id };
}

function refused(refusal: Refusal, target: CallbackTarget | null): Received {
  return { ...refusal, target, callbackId: null };
}
