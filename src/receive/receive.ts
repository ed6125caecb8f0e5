import { createHash } from "node:crypto";
import type { Logger } from "pino";
import type { Answer } from "../answer/answer.ts";
import type { Connection } from "../connections/connection.ts";
import type { Directory } from "../connections/directory.ts";
import { newUuid } from "../domain/ids.ts";
import { parseBody } from "../providers/kit/parse-body.ts";
import type { Channel, Problem, Provider, Reply } from "../providers/provider.ts";
import type { Keeper } from "./keeper.ts";
import type { CallbackRecord } from "./record.ts";
import { badRequest, unavailable, unverified } from "./refusals.ts";
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
export type Addressee = { connection: Connection; provider: Provider; channel: Channel; channelName: string };

export type ReceiveDeps = {
  directory: Directory;
  providers: ReadonlyMap<string, Provider>;
  keeper: Keeper;
  /** Whether one more refused callback of the connection is kept. */
  allowance: (connectionId: string) => boolean;
  now: () => Date;
  log: Logger;
  count?: (provider: string, channel: string, outcome: string) => void;
  /** Answers what is asked within the call; it keeps what it answered by itself. */
  answer: Answer["answer"];
};

const keyCharsMax = 300;

/** Finds whom a request is for. Unknown provider, token and channel look the same from outside. */
export async function resolve(deps: ReceiveDeps, incoming: Incoming): Promise<Addressee | "unknown" | "away"> {
  const provider = deps.providers.get(incoming.provider);
  const channel =
    provider && Object.hasOwn(provider.channels, incoming.channel) ? provider.channels[incoming.channel] : undefined;
  if (!provider || !channel) return "unknown";
  const found = await deps.directory.byToken(incoming.token);
  if (found.kind === "away") return "away";
  if (found.kind === "unknown" || found.connection.provider !== provider.id) return "unknown";
  return { connection: found.connection, provider, channel, channelName: incoming.channel };
}

/** Verifies, keeps, answers. Whatever needs thought comes after the answer. */
export async function receive(deps: ReceiveDeps, to: Addressee, incoming: Incoming, body: Buffer): Promise<Reply> {
  const { connection, channel, channelName } = to;
  const startedMs = performance.now();
  const digest = createHash("sha256").update(body).digest();
  const verified = verify(connection.verification, { headers: incoming.headers, body, address: incoming.address });
  const parsed = parseBody(body, incoming.headers["content-type"] ?? "", channel.forms);
  const record = (key: string | null, quarantine: Problem[] | null): CallbackRecord => ({
    shard: connection.shard,
    id: newUuid(connection.shard),
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
    quarantine,
    answer: null,
  });
  const count = (outcome: string) => deps.count?.(connection.provider, channelName, outcome);

  if (!verified.ok) {
    count("unverified");
    // A key of its own: the same bytes, once verified, are news and must not count as a copy of these.
    const keep = deps.allowance(connection.id);
    if (keep) await deps.keeper.keep(record(`unverified:${digest.toString("hex")}`, [verified.problem]));
    return unverified(verified.status);
  }
  if (verified.addressWarning) {
    deps.log.warn(
      { connection_id: connection.id, address: incoming.address },
      "a callback came from an address that is not listed",
    );
  }

  const { question } = channel;
  if (question) {
    count("asked");
    const { id, key, digest, headers, receivedAt } = record(
      parsed.kind === "object" ? channel.key(parsed.value) : null,
      null,
    );
    const callback = { id, key, digest, headers, receivedAt, channel: channelName, body };
    return deps.answer(connection, { ...channel, question }, callback, parsed, startedMs);
  }
  if (parsed.kind === "unparsable") {
    count("unparsable");
    if ((await deps.keeper.keep(record(null, [parsed.problem]))) !== "kept") return unavailable();
    return channel.unreadable?.([parsed.problem]) ?? badRequest([parsed.problem]);
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
      count("unreadable");
      if ((await deps.keeper.keep(record(channel.key(value), reading.problems))) !== "kept") return unavailable();
      return channel.unreadable(reading.problems);
    }
  }
  if ((await deps.keeper.keep(record(channel.key(value), null))) !== "kept") {
    count("unavailable");
    return unavailable();
  }
  count("accepted");
  return channel.accepted(value);
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
