import type { Connection } from "../../connections/connection.ts";
import { wrongReceiverOf } from "../../connections/receiver.ts";
import { requiresProof } from "../../connections/unverified.ts";
import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import { kinds } from "../../domain/kinds.ts";
import { receiptWords } from "../../domain/receipt-words.ts";
import {
  channelOf,
  unknownChannel,
  unknownChannelProblem,
  withFirst,
  wrongChannelProblem,
} from "../../providers/channels.ts";
import { parseCallback, parseQuery } from "../../providers/kit/parse-callback.ts";
import { requiresSignature } from "../../providers/proof.ts";
import type { FieldProblem, Provider, Reading, ToldBalance } from "../../providers/provider.ts";
import { type KnownBalance, type SettleItem, settleItem } from "../item.ts";
import type { ClaimedCallback } from "./inbox-store.ts";

/** A callback of a batch, and the item that was read from it. */
export type ReadItem = { claimed: ClaimedCallback; item: SettleItem };

/** Reads a stored callback into an item. A pure function of its arguments, so it can be repeated after a fix. */
export function readCallback(
  claimed: ClaimedCallback,
  leaseId: string,
  connection: Connection,
  provider: Provider | undefined,
): SettleItem {
  const reading = claimed.readBefore + 1;
  const { readAs = null } = claimed;
  const { wrongReceiver, ...read } = readBody(claimed, connection, provider);
  const { id, channel } = claimed;
  const words = read.kind === "unreadable" ? wordsOf(claimed) : null;
  const callback = { id, leaseId, reading, channel, readAs, words, wrongReceiver: wrongReceiver ?? null };
  switch (read.kind) {
    case "evidence":
      return settleItem(connection, {
        callback,
        evidence: read.findings.map((finding, position) => toEvidence(claimed, reading, finding, position)),
        balances: read.findings.flatMap(finding => balanceOf(claimed, connection, finding)),
      });
    case "changed":
      return settleItem(connection, {
        callback,
        evidence: read.findings.map((finding, position) => {
          const evidence = toEvidence(claimed, reading, finding, position);
          return { ...evidence, says: "nothing", changed: true };
        }),
      });
    case "message":
      return settleItem(connection, { callback, messages: read.messages });
    case "ignored":
      return settleItem(connection, {
        callback,
        balances: read.balance ? [toBalance(claimed, connection, read.balance, null)] : [],
      });
    case "unreadable":
      return settleItem(connection, { callback, problems: read.problems });
  }
}

/** A payment's callback may tell the balance after it. Money that came in adds to it. */
function balanceOf(claimed: ClaimedCallback, connection: Connection, finding: Finding): KnownBalance[] {
  const { balance, amount, kind, says, occurredAt = claimed.receivedAt } = finding;
  if (!balance || says !== "completed") return [];
  const sign = kinds[kind].direction === "in" ? 1n : -1n;
  return [toBalance(claimed, connection, { amount: balance, at: occurredAt }, amount ? sign * amount.minor : null)];
}

function toBalance(
  { id, receivedAt }: ClaimedCallback,
  connection: Connection,
  told: ToldBalance,
  change: bigint | null,
): KnownBalance {
  return { ...told, id, connectionId: connection.id, change, learntAt: receivedAt };
}

type BodyReading = Reading & { wrongReceiver?: string };

function readBody(claimed: ClaimedCallback, connection: Connection, provider: Provider | undefined): BodyReading {
  const { verification, credentials } = connection;
  const name = claimed.readAs ?? claimed.channel;
  if (!provider) return unreadable({ path: "", message: `This version has no provider ${claimed.provider}.` });
  if (claimed.isUnverified && (requiresProof(verification) || requiresSignature(provider, credentials)))
    return unreadable(unverified);
  if (!claimed.body || !claimed.headers)
    return unreadable({ path: "", message: "Retention dropped the bytes of this callback." });
  const { headers, body, receivedAt } = claimed;
  const query = parseQuery(claimed.query ?? "");
  const callback = { channel: name, method: claimed.method ?? "POST", query, headers, body, receivedAt };
  const known = channelOf(provider, name);
  const channel = known ?? unknownChannel(provider);
  const parsed = claimed.parsed ?? parseCallback(callback, channel.forms);
  if (parsed.kind === "unparsable") return unreadable(known ? parsed.problem : unknownChannelProblem(provider, null));
  const reading = channel.read(parsed.value, callback, connection);
  if (reading.kind === "unreadable") {
    const problems = withFirst(wrongChannelProblem(provider, callback, parsed.value), reading.problems);
    return { kind: "unreadable", problems };
  }
  const wrong = wrongReceiverOf(provider, channel, parsed.value, connection);
  if (wrong !== null) return { ...unreadable(wrong.problem), wrongReceiver: wrong.receiver };
  const isUnproven = provider.verify !== undefined && claimed.strength !== "signed";
  return reading.kind === "evidence" && isUnproven && provider.withoutProof === "poll"
    ? { kind: "changed", findings: reading.findings }
    : reading;
}

const unverified: FieldProblem = {
  path: "",
  message:
    "The callback failed its verification when it arrived, and the headers that could prove it are not stored. " +
    "If it is genuine, poll the transaction or resolve it.",
};

function wordsOf({ body, query }: ClaimedCallback): string[] {
  return receiptWords(`${body?.toString("utf8") ?? ""} ${query ?? ""}`);
}

function unreadable(problem: FieldProblem): Reading {
  return { kind: "unreadable", problems: [problem] };
}

/** The id is a digest of the origin, so a callback that settles twice is evidence once. */
function toEvidence(
  claimed: ClaimedCallback,
  reading: number,
  { balance: _, ...finding }: Finding,
  position: number,
): Evidence {
  return {
    ...finding,
    id: digestUuid(`callback|${claimed.id}|${reading}|${position}`),
    source: "callback",
    strength: claimed.strength,
    callbackId: claimed.id,
    reading,
    learntAt: claimed.receivedAt,
  };
}
