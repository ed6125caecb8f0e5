import { readableMoney, readablePhone, readableTime } from "../readable.ts";
import { factsOf, type TableColumn, tableOf } from "../table.ts";

export type ShownTransaction = {
  id: string;
  connection_id: string;
  provider: string;
  kind: string;
  status: string;
  status_source: string;
  registered: boolean;
  version: number;
  reference: string | null;
  provider_refs: Record<string, string>;
  amount: string | null;
  currency: string | null;
  phone: string | null;
  party_name: string | null;
  result: { code: string; description: string } | null;
  review: { reason: string; since: string; detail: string } | null;
  details: Record<string, string>;
  created_at: string;
  updated_at: string;
  timeline?: Entry[];
};

type Entry = { at: string } & (
  | {
      type: "evidence";
      source: string;
      strength: string;
      says: string;
      callback_id: string | null;
      note: string | null;
    }
  | { type: "decision"; status: string; version: number; review: { reason: string } | null }
  | { type: "event"; event_type: string; event_id: string; deliveries: { state: string; attempt_count: number }[] }
);

/** The columns of a list of transactions. */
export const transactionColumns: readonly TableColumn<ShownTransaction>[] = [
  { heading: "ID", of: t => t.id },
  { heading: "KIND", of: t => `${t.provider} ${t.kind}` },
  { heading: "STATUS", of: t => t.status },
  { heading: "AMOUNT", of: readableMoney, right: true },
  { heading: "PHONE", of: t => readablePhone(t.phone) },
  { heading: "REFERENCE", of: t => t.reference },
  { heading: "REVIEW", of: t => t.review?.reason },
  { heading: "CREATED (UTC)", of: t => readableTime(t.created_at) },
];

/** A transaction with its timeline. */
export function transactionText(t: ShownTransaction): string {
  const facts = factsOf({
    id: t.id,
    status: `${t.status} (${t.status_source})`,
    kind: `${t.provider} ${t.kind}`,
    amount: readableMoney(t),
    phone: t.phone,
    party: t.party_name,
    reference: t.reference,
    registered: t.registered ? "yes" : "no",
    result: t.result && `${t.result.code} ${t.result.description}`,
    review: t.review && `${t.review.reason} since ${readableTime(t.review.since)}: ${t.review.detail}`,
    connection: t.connection_id,
    created: readableTime(t.created_at),
    updated: readableTime(t.updated_at),
    version: t.version,
    ...t.provider_refs,
    ...t.details,
  });
  return t.timeline === undefined ? facts : `${facts}\n\n${timelineText(t.timeline)}`;
}

function timelineText(entries: Entry[]): string {
  return tableOf(
    entries,
    [
      { heading: "WHEN (UTC)", of: e => e.at.slice(0, 23).replace("T", " ") },
      { heading: "WHAT", of: e => e.type },
      { heading: "DETAIL", of: detailOf },
    ],
    "no evidence yet",
  );
}

function detailOf(e: Entry): string {
  if (e.type === "decision")
    return `${e.status}, version ${e.version}${e.review ? `, review: ${e.review.reason}` : ""}`;
  if (e.type === "evidence") {
    const origin = e.callback_id === null ? e.source : `${e.source} ${e.callback_id}`;
    return `${origin} says ${e.says} (${e.strength})${e.note === null ? "" : `: ${e.note}`}`;
  }
  const deliveries = e.deliveries.map(({ state, attempt_count }) => `${state} after ${attempt_count}`).join(", ");
  return `${e.event_type} ${e.event_id}: ${deliveries === "" ? "no endpoint takes this type" : deliveries}`;
}
