import type { Logger } from "pino";
import type { AnswerRoom } from "../answer/answer.ts";
import type { Directory } from "../connections/directory.ts";
import { unverifiedPrefix } from "../connections/unverified.ts";
import { parseCallback } from "../providers/kit/parse-callback.ts";
import type { ParsedBody, Provider, Reply } from "../providers/provider.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Arrival, arrivalOf, type QuarantineReason, recordOf } from "./arrival.ts";
import type { PublishedKeyCache } from "./published-keys.ts";
import { badRequest, unavailable, unverified } from "./refusals.ts";
import type { InboxWriter } from "./store/inbox-writer.ts";
import type { CallbackTarget, Incoming } from "./target.ts";
import { type Verified, verify } from "./verify.ts";
import { verifyProof } from "./verify-proof.ts";

export type ReceiveDeps = {
  directory: Directory;
  providers: ReadonlyMap<string, Provider>;
  inboxWriter: InboxWriter;
  publishedKeys: PublishedKeyCache;
  /** Base of the callback URLs, without a slash at its end: a provider may sign the URL that it called. */
  publicUrl: string;
  /** Whether one more refused callback of the connection is kept. */
  allowance: (connectionId: string) => boolean;
  now: () => Date;
  log: Logger;
  telemetry: Telemetry;
  /** Answers synchronous callbacks, and keeps what it answered by itself. */
  answer: AnswerRoom["answer"];
};

/** The reply to a request, the outcome in one word, and the id it is kept under; null where it is not kept. */
export type Received = { reply: Reply; outcome: string; callbackId: string | null };

/**
 * Verifies, keeps and answers a callback; everything else is done after the answer. `startedMs` is when the request
 * arrived, by `performance.now()`, without the time that its sender took for the body.
 */
export async function receive(
  deps: ReceiveDeps,
  target: CallbackTarget,
  incoming: Incoming,
  body: Buffer,
  startedMs: number,
): Promise<Received> {
  const arrival = arrivalOf(target, incoming, body, deps.now());
  const verified = await verifyArrival(deps, incoming, arrival);
  if (verified === "unavailable") return notKept();
  if (!verified.ok) return refuse(deps, arrival, verified);
  if (verified.addressWarning) {
    deps.log.warn(
      { connection_id: target.connection.id, address: incoming.address },
      "a callback came from an address that is not listed",
    );
  }
  const parsed = parseCallback(arrival.callback, target.channel.forms);
  if (target.channel.decision) return answerWithin(deps, arrival, parsed, startedMs);
  return keep(deps, arrival, verified.strength, parsed);
}

/** The operator's verification first, then the provider's own proof; either one makes a callback `signed`. */
async function verifyArrival(
  deps: ReceiveDeps,
  incoming: Incoming,
  { target, callback, body }: Arrival,
): Promise<Verified | "unavailable"> {
  const { connection, provider } = target;
  const { headers, address } = incoming;
  const byOperator = verify(connection.verification, { headers, body, address });
  if (!byOperator.ok || provider.verify === undefined) return byOperator;
  const { token, channel, query } = incoming;
  const url = `${deps.publicUrl}/in/${provider.id}/${token}/${channel}${query === "" ? "" : `?${query}`}`;
  const proven = await verifyProof(deps.publishedKeys, provider, connection, { ...callback, url });
  if (proven === "unavailable" || !proven.ok) return proven;
  return { ...byOperator, strength: byOperator.strength === "signed" ? "signed" : proven.strength };
}

/**
 * The same bytes, once verified, must not count as a copy of these: an unverified callback has a key of another kind.
 */
async function refuse(
  deps: ReceiveDeps,
  arrival: Arrival,
  { status, problem }: Extract<Verified, { ok: false }>,
): Promise<Received> {
  const reply = unverified(status);
  const isKept = deps.allowance(arrival.target.connection.id);
  if (isKept) {
    const key = `${unverifiedPrefix}${arrival.digest.toString("hex")}`;
    await deps.inboxWriter.append(recordOf(arrival, "hint", key, { problems: [problem], reply }));
  }
  return { reply, outcome: "unverified", callbackId: isKept ? arrival.id : null };
}

/** A synchronous callback: the answer room decides, replies and keeps. */
async function answerWithin(
  deps: ReceiveDeps,
  arrival: Arrival,
  parsed: ParsedBody,
  startedMs: number,
): Promise<Received> {
  const { target, callback } = arrival;
  const { channel, connection } = target;
  const key = parsed.kind === "object" ? channel.key(parsed.value, callback) : null;
  const record = recordOf(arrival, "hint", key);
  const kept = { ...callback, headers: record.headers, id: record.id, digest: record.digest, key: record.key };
  const reply = await deps.answer(connection, { ...channel, decision: channel.decision! }, kept, parsed, startedMs);
  return { reply, outcome: "asked", callbackId: record.id };
}

/**
 * Keeps the callback and answers; one that cannot be read goes to quarantine, refused where the provider can bear it.
 */
async function keep(
  deps: ReceiveDeps,
  arrival: Arrival,
  strength: "hint" | "signed",
  parsed: ParsedBody,
): Promise<Received> {
  const { channel, connection } = arrival.target;
  const append = async (key: string | null, reply: Reply, outcome: string, refused: QuarantineReason | null = null) => {
    const kept = await deps.inboxWriter.append(recordOf(arrival, strength, key, refused));
    return kept === "kept" ? { reply, outcome, callbackId: arrival.id } : notKept();
  };
  if (parsed.kind === "unparsable") {
    const problems = [parsed.problem] as [typeof parsed.problem];
    const reply = channel.unreadable?.(problems) ?? badRequest(problems);
    return append(null, reply, "unparsable", { problems, reply });
  }
  const { value } = parsed;
  const key = channel.key(value, arrival.callback);
  if (channel.unreadable) {
    const reading = channel.read(value, arrival.callback, connection);
    if (reading.kind === "unreadable") {
      const reply = channel.unreadable(reading.problems);
      return append(key, reply, "unreadable", { problems: reading.problems, reply });
    }
  }
  return append(key, channel.accepted(value), "accepted");
}

function notKept(): Received {
  return { reply: unavailable(), outcome: "unavailable", callbackId: null };
}
