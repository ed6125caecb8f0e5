import type { Connection } from "../../connections/connection.ts";
import { receiversOf } from "../../connections/receiver.ts";
import type { Sql } from "../../database/connect.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { Provider } from "../../providers/provider.ts";
import { hasConversationId } from "../match/identity-keys.ts";
import { type AskedLookup, askedLookups, refuseLookups } from "./lookup-store.ts";
import type { ReadItem } from "./read.ts";

type LookupDeps = { sql: Sql; providers: ReadonlyMap<string, Provider> };

type Refusal = { state: "not_found" | "unavailable"; reason: string };

/**
 * Turns answers to questions about a receipt (`POST /v1/lookups`) into evidence of the payment that they name, where it
 * came to this connection. An answer that names none, or another receiver's, ends the question and settles nothing.
 */
export async function answerLookups(
  { sql, providers }: LookupDeps,
  shard: number,
  read: ReadItem[],
): Promise<ReadItem[]> {
  const answers = read.filter(({ item }) => item.evidence.some(hasConversationId));
  if (answers.length === 0) return read;
  const told = answers.flatMap(({ item }) => item.evidence.filter(hasConversationId));
  const asked = await askedLookups(
    sql,
    shard,
    [...new Set(answers.map(({ item }) => item.connection.id))],
    told.flatMap(e => e.identity),
    told.flatMap(e => (e.answersQuestion && e.refs.receipt !== undefined ? [e.refs.receipt] : [])),
  );
  if (asked.length === 0) return read;
  const refused: (Refusal & { id: string })[] = [];
  const answered = read.map(each => {
    const { connection } = each.item;
    const provider = providers.get(connection.provider);
    const evidence = each.item.evidence.flatMap(e => {
      const lookup = lookupOf(e, connection.id, asked);
      if (lookup === undefined || !provider) return [e];
      const answer = answerOf(e, lookup, connection, provider);
      if ("evidence" in answer) return [answer.evidence];
      refused.push({ ...answer, id: lookup.id });
      return [];
    });
    return { ...each, item: { ...each.item, evidence } };
  });
  await refuseLookups(sql, shard, refused);
  return answered;
}

function lookupOf(e: Evidence, connectionId: string, asked: AskedLookup[]): AskedLookup | undefined {
  const own = asked.filter(lookup => lookup.connectionId === connectionId);
  const byConversation = own.find(({ conversation }) => e.identity.some(key => conversation.includes(key)));
  // The answer may come before the call that asked has returned.
  return (
    byConversation ?? own.find(({ conversation, receipt }) => conversation.length === 0 && e.refs.receipt === receipt)
  );
}

function answerOf(
  e: Evidence,
  lookup: AskedLookup,
  connection: Connection,
  provider: Provider,
): { evidence: Evidence } | Refusal {
  const answer = provider.status?.readDeferredAnswer?.(e);
  if (answer?.kind === "stop") return { state: "unavailable", reason: answer.reason };
  if (answer?.kind !== "evidence") return { state: "not_found", reason: "the provider does not know the receipt" };
  const { answersQuestion: _, receiver, ...finding } = answer.findings[0];
  const own = receiversOf(provider, connection);
  if (own !== null && (receiver === undefined || !own.has(receiver.toLowerCase()))) {
    return { state: "not_found", reason: "the money did not go to this connection's receiver" };
  }
  // Only Hakika and the provider know the conversation; without it the answer is a callback like any other.
  const isAsked = e.identity.some(key => lookup.conversation.includes(key));
  const kind = finding.kind === "c2b" ? "c2b" : "payment";
  const refs = { receipt: lookup.receipt };
  const { id, callbackId, reading, learntAt } = e;
  const origin = isAsked ? ({ source: "poll", strength: "poll" } as const) : { source: e.source, strength: e.strength };
  const identity = provider.identity(kind, refs);
  return { evidence: { ...finding, ...origin, id, callbackId, reading, learntAt, kind, refs, identity } };
}
