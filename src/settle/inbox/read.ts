import type { Connection } from "../../connections/connection.ts";
import { asksForProof } from "../../connections/unverified.ts";
import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import { parseCallback, parseQuery } from "../../providers/kit/parse-callback.ts";
import { requiresProof } from "../../providers/proof.ts";
import type { FieldProblem, Provider, Reading } from "../../providers/provider.ts";
import { type SettleItem, settleItem } from "../item.ts";
import type { ClaimedCallback } from "./inbox-store.ts";

/** Turns a stored callback into what is to be settled. Pure but for its arguments: it can be done again after a fix. */
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
        evidence: read.findings.map((finding, at) => toEvidence(claimed, reading, finding, at)),
      });
    case "changed":
      return settleItem(connection, {
        callback,
        evidence: read.findings.map((finding, at) => {
          const evidence = toEvidence(claimed, reading, finding, at);
          return { ...evidence, says: "nothing", changed: true };
        }),
      });
    case "message":
      return settleItem(connection, { callback, messages: read.messages });
    case "ignored":
      return settleItem(connection, { callback });
    case "unreadable":
      return settleItem(connection, { callback, problems: read.problems });
  }
}

function readBody(claimed: ClaimedCallback, connection: Connection, provider: Provider | undefined): Reading {
  const channel = provider?.channels[claimed.channel];
  if (!channel)
    return unreadable({ path: "", message: `This version knows no channel ${claimed.provider} ${claimed.channel}.` });
  const { verification, credentials } = connection;
  if (claimed.isUnverified && (asksForProof(verification) || requiresProof(provider, credentials)))
    return unreadable(stillUnverified);
  if (!claimed.body || !claimed.headers)
    return unreadable({ path: "", message: "The bytes were dropped by retention." });
  const { headers, body, receivedAt } = claimed;
  const query = parseQuery(claimed.query ?? "");
  const callback = { channel: claimed.channel, method: claimed.method ?? "POST", query, headers, body, receivedAt };
  const parsed = parseCallback(callback, channel.forms);
  if (parsed.kind === "unparsable") return unreadable(parsed.problem);
  const reading = channel.read(parsed.value, callback, connection);
  const isUnproven = provider.verify !== undefined && claimed.strength !== "signed";
  return reading.kind === "evidence" && isUnproven && provider.withoutProof === "poll"
    ? { kind: "changed", findings: reading.findings }
    : reading;
}

const stillUnverified: FieldProblem = {
  path: "",
  message:
    "It was not verified when it came, and the headers that could prove it are not kept. If it is genuine, ask the provider about the " +
    "transaction (poll), or decide it (resolve).",
};

function unreadable(problem: FieldProblem): Reading {
  return { kind: "unreadable", problems: [problem] };
}

/** The id is a digest of the origin, so a callback settled twice is evidence once. */
function toEvidence(claimed: ClaimedCallback, reading: number, finding: Finding, at: number): Evidence {
  return {
    ...finding,
    id: digestUuid(`callback|${claimed.id}|${reading}|${at}`),
    source: "callback",
    strength: claimed.strength,
    callbackId: claimed.id,
    reading,
    learntAt: claimed.receivedAt,
  };
}
