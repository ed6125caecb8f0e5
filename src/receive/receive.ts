import { createHash } from "node:crypto";
import type { Logger } from "pino";
import type { AnswerRoom } from "../answer/answer.ts";
import { deadlines } from "../answer/deadlines.ts";
import type { Connection } from "../connections/connection.ts";
import type { Directory } from "../connections/directory.ts";
import { unverifiedPrefix } from "../connections/unverified.ts";
import { newUuid } from "../domain/ids.ts";
import { parseBody } from "../providers/kit/parse-body.ts";
import type { Channel, FieldProblem, Provider, Reply } from "../providers/provider.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { badRequest, unavailable, unverified } from "./refusals.ts";
import type { CallbackRecord } from "./store/callback-record.ts";
import type { InboxWriter } from "./store/inbox-writer.ts";
import { secretHeaders, verify } from "./verify.ts";

/** A request to `/in/{provider}/{token}/{channel}`, before its body is read. */
export type Incoming = {
  provider: string;
  token: string;
  channel: string;
  headers: Record<string, string>;
  address: string;
};

/** Whom a request is for. */
export type CallbackTarget = { connection: Connection; provider: Provider; channel: Channel; channelName: string };

export type ReceiveDeps = {
  directory: Directory;
  providers: ReadonlyMap<string, Provider>;
  inboxWriter: InboxWriter;
  /** Whether one more refused callback of the connection is kept. */
  allowance: (connectionId: string) => boolean;
  now: () => Date;
  log: Logger;
  telemetry: Telemetry;
  /** Answers what is asked within the call; it keeps what it answered by itself. */
  answer: AnswerRoom["answer"];
};

/** What became of a request: its answer, in a word what was made of it, and the id it is kept under, where it is. */
export type Received = { reply: Reply; outcome: string; callbackId: string | null };

const keyCharsMax = 300;

/** Finds whom a request is for. Unknown provider, token and channel look the same from outside. */
export async function findTarget(deps: ReceiveDeps, incoming: Incoming): Promise<CallbackTarget | "unknown" | "away"> {
  const provider = deps.providers.get(incoming.provider);
  const channel =
    provider && Object.hasOwn(provider.channels, incoming.channel) ? provider.channels[incoming.channel] : undefined;
  if (!provider || !channel) return "unknown";
  // Whoever waits for a decision hears by its deadline that the token cannot be looked up.
  const waitMs = channel.decision && deadlines[channel.decision.type].totalMs;
  const found = await deps.directory.byToken(incoming.token, waitMs);
  if (found.kind === "unavailable") return "away";
  if (found.kind === "unknown" || found.connection.provider !== provider.id) return "unknown";
  return { connection: found.connection, provider, channel, channelName: incoming.channel };
}

/**
 * Verifies, keeps, answers. Whatever needs thought comes after the answer. `startedMs`: when the request arrived, as `performance.now()`
 * counts; the time that its sender took for the body left out.
 */
export async function receive(
  deps: ReceiveDeps,
  to: CallbackTarget,
  incoming: Incoming,
  body: Buffer,
  startedMs: number,
): Promise<Received> {
  const { connection, channel, channelName } = to;
  const callbackId = newUuid(connection.shard);
  const digest = createHash("sha256").update(body).digest();
  const verified = verify(connection.verification, { headers: incoming.headers, body, address: incoming.address });
  const parsed = parseBody(body, incoming.headers["content-type"] ?? "", channel.forms);
  const record = (key: string | null, refused: QuarantineReason | null = null): CallbackRecord => ({
    shard: connection.shard,
    id: callbackId,
    merchantId: connection.merchantId,
    connectionId: connection.id,
    provider: connection.provider,
    channel: channelName,
    key: storable(key) ?? `digest:${digest.toString("hex")}`,
    digest,
    receivedAt: deps.now(),
    strength: verified.ok ? verified.strength : "hint",
    headers: withoutSecrets(incoming.headers, secretHeaders(connection.verification)),
    body,
    quarantine: refused?.problems ?? null,
    answer: refused && { status: refused.reply.status, body: refused.reply.body },
  });

  if (!verified.ok) {
    // A key of its own: the same bytes, once verified, are news and must not count as a copy of these.
    const key = `${unverifiedPrefix}${digest.toString("hex")}`;
    const reply = unverified(verified.status);
    const keep = deps.allowance(connection.id);
    if (keep) await deps.inboxWriter.append(record(key, { problems: [verified.problem], reply }));
    return { reply, outcome: "unverified", callbackId: keep ? callbackId : null };
  }
  if (verified.addressWarning) {
    deps.log.warn(
      { connection_id: connection.id, address: incoming.address },
      "a callback came from an address that is not listed",
    );
  }

  const { decision } = channel;
  if (decision) {
    const { id, key, digest, headers, receivedAt } = record(
      parsed.kind === "object" ? channel.key(parsed.value) : null,
    );
    const callback = { id, key, digest, headers, receivedAt, channel: channelName, body };
    const reply = await deps.answer(connection, { ...channel, decision }, callback, parsed, startedMs);
    return { reply, outcome: "asked", callbackId };
  }
  if (parsed.kind === "unparsable") {
    const reply = channel.unreadable?.([parsed.problem]) ?? badRequest([parsed.problem]);
    if ((await deps.inboxWriter.append(record(null, { problems: [parsed.problem], reply }))) !== "kept")
      return notKept();
    return { reply, outcome: "unparsable", callbackId };
  }
  const value = parsed.value;
  if (channel.unreadable) {
    const reading = channel.read(value, {
      channel: channelName,
      headers: incoming.headers,
      body,
      receivedAt: deps.now(),
    });
    if (reading.kind === "unreadable") {
      const { problems } = reading;
      const reply = channel.unreadable(problems);
      if ((await deps.inboxWriter.append(record(channel.key(value), { problems, reply }))) !== "kept") return notKept();
      return { reply, outcome: "unreadable", callbackId };
    }
  }
  if ((await deps.inboxWriter.append(record(channel.key(value)))) !== "kept") return notKept();
  return { reply: channel.accepted(value), outcome: "accepted", callbackId };
}

/** Why a callback goes to quarantine at once, and what its sender is told. */
type QuarantineReason = { problems: FieldProblem[]; reply: Reply };

function notKept(): Received {
  return { reply: unavailable(), outcome: "unavailable", callbackId: null };
}

/** PostgreSQL takes no NUL, and an index no endless text: such a key stands as its digest. */
function storable(key: string | null): string | null {
  if (key === null) return null;
  if (key.length <= keyCharsMax && !key.includes("\0") && Buffer.from(key).toString() === key) return key;
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

function withoutSecrets(headers: Record<string, string>, secret: string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    kept[name] = secret.includes(name)
      ? "[verified]"
      : name === "authorization" || name === "cookie"
        ? "[redacted]"
        : value;
  }
  return kept;
}
