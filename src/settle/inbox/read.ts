import type { Connection } from "../../connections/connection.ts";
import { requiresProof } from "../../connections/unverified.ts";
import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import { parseBody } from "../../providers/kit/parse-body.ts";
import type { FieldProblem, Provider, Reading } from "../../providers/provider.ts";
import { type SettleItem, settleItem } from "../item.ts";
import type { ClaimedCallback } from "./inbox-store.ts";

/** Reads a stored callback into an item. A pure function of its arguments, so it can be repeated after a fix. */
export function readCallback(
  claimed: ClaimedCallback,
  leaseId: string,
  connection: Connection,
  provider: Provider | undefined,
): SettleItem {
  const reading = claimed.readBefore + 1;
  const callback = { id: claimed.id, leaseId, reading };
  const read = readBody(claimed, connection, provider);
  switch (read.kind) {
    case "evidence":
      return settleItem(connection, {
        callback,
        evidence: read.findings.map((finding, position) => toEvidence(claimed, reading, finding, position)),
      });
    case "message":
      return settleItem(connection, { callback, messages: read.messages });
    case "ignored":
      return settleItem(connection, { callback });
    case "unreadable":
      return settleItem(connection, { callback, problems: read.problems });
  }
}

function readBody(claimed: ClaimedCallback, { verification }: Connection, provider: Provider | undefined): Reading {
  if (claimed.isUnverified && requiresProof(verification)) return unreadable(unverified);
  const channel = provider?.channels[claimed.channel];
  if (!channel)
    return unreadable({ path: "", message: `This version has no channel ${claimed.provider} ${claimed.channel}.` });
  if (!claimed.body || !claimed.headers)
    return unreadable({ path: "", message: "Retention dropped the bytes of this callback." });
  const { headers, body, receivedAt } = claimed;
  const parsed = parseBody(body, headers["content-type"] ?? "", channel.forms);
  if (parsed.kind === "unparsable") return unreadable(parsed.problem);
  return channel.read(parsed.value, { channel: claimed.channel, headers, body, receivedAt });
}

const unverified: FieldProblem = {
  path: "",
  message:
    "The callback failed its verification when it arrived, and the headers that could prove it are not stored. If it is " +
    "genuine, poll the transaction or resolve it.",
};

function unreadable(problem: FieldProblem): Reading {
  return { kind: "unreadable", problems: [problem] };
}

/** The id is a digest of the origin, so a callback that settles twice is evidence once. */
function toEvidence(claimed: ClaimedCallback, reading: number, finding: Finding, position: number): Evidence {
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
