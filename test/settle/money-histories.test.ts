import fc from "fast-check";
import { expect, test } from "vitest";
import { type Connection, policyOf } from "../../src/connections/connection.ts";
import { decide } from "../../src/domain/decide/decide.ts";
import { describe as describeFacts } from "../../src/domain/describe.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import type { Transaction } from "../../src/domain/transaction.ts";
import { transactionJson } from "../../src/domain/transaction-json.ts";
import { openBody } from "../../src/outbox/fan-out-store.ts";
import { connectionCanPoll } from "../../src/providers/can-poll.ts";
import { type EvidenceRow, evidenceFromRow } from "../../src/settle/finding-json.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { type TransactionRow, transactionFromRow } from "../../src/settle/transaction-row.ts";
import { callbackSays, kes, operatorSays, pollSays, statementSays } from "../support/evidence.ts";
import { c2bPaid, pushCancelled, pushPaid, pushRefs, settleBundle } from "../support/settle-bundle.ts";
import { evidenceItem, registrationItem, withOwnId } from "../support/settling.ts";

const { sql, deps, anotherConnection, settle } = settleBundle();

const [receipt, otherReceipt] = ["TJIKQ7V33N", "TJIKQ7V44P"];
const [right, less] = [kes(70_000), kes(7000)];
const reference = "ORDER-1";
const push = (n: number) => ({ identity: [`checkout_request_id:ws_CO_${n}`], refs: pushRefs(n) });
const reversalOf = (n: number, minor: number): Evidence =>
  callbackSays("completed", {
    kind: "reversal",
    identity: [`originator_conversation_id:rev-${n}`],
    refs: { originator_conversation_id: `rev-${n}` },
    reverses: receipt,
    amount: kes(minor),
  });
const reversalRegistered = (c: Connection, n: number) =>
  registrationItem(c, { kind: "reversal", refs: { originator_conversation_id: `rev-${n}` } });

/** Everything that may become known of two pushes that share a reference, or a receipt, and of what is given back. */
const pieces = {
  "first push registered": c => registrationItem(c, { refs: pushRefs(1), reference, amount: right }),
  "first push amended": c => registrationItem(c, { refs: pushRefs(1), reference, amount: less }, { amend: true }),
  "first push registered otherwise": c =>
    registrationItem(c, { refs: pushRefs(1), reference: "ORDER-9", amount: less }),
  "second push registered": c => registrationItem(c, { refs: pushRefs(2), reference, amount: right }),
  "first push paid": c => evidenceItem(c, pushPaid(1, receipt, { amount: right })),
  "first push paid again": c => evidenceItem(c, withOwnId(pushPaid(1, receipt, { amount: right }), 2)),
  "first push paid with less": c => evidenceItem(c, pushPaid(1, receipt, { amount: less })),
  "first push failed": c => evidenceItem(c, pushCancelled(1)),
  "first push polled: paid": c => evidenceItem(c, pollSays("completed", push(1))),
  "first push polled: failed": c => evidenceItem(c, pollSays("failed", push(1))),
  "second push paid": c => evidenceItem(c, pushPaid(2, otherReceipt, { amount: right })),
  "second push paid, first receipt": c => evidenceItem(c, pushPaid(2, receipt, { amount: right })),
  "second push failed": c => evidenceItem(c, pushCancelled(2)),
  confirmation: c => evidenceItem(c, c2bPaid(receipt, { reference, amount: right })),
  "confirmation of less": c => evidenceItem(c, c2bPaid(otherReceipt, { reference, amount: less })),
  "confirmation of zero": c => evidenceItem(c, c2bPaid("TJIKQ7V55Q", { reference, amount: kes(0) })),
  statement: c =>
    evidenceItem(
      c,
      statementSays("completed", { kind: "c2b", identity: [`receipt:${receipt}`], refs: { receipt }, amount: right }),
    ),
  "a part given back": c => [reversalRegistered(c, 1), evidenceItem(c, reversalOf(1, 1000))],
  "the rest given back": c => [reversalRegistered(c, 2), evidenceItem(c, reversalOf(2, 69_000))],
  "too much given back": c => [reversalRegistered(c, 3), evidenceItem(c, reversalOf(3, 70_000))],
  "confirmation without reference": c => evidenceItem(c, c2bPaid(receipt, { amount: right })),
} as const satisfies Record<string, (c: Connection) => SettleItem | SettleItem[]>;

/** Decisions about the first push, which play once there is such a transaction. */
const decisions = {
  "decided as failed": operatorSays("failed", 1),
  "decided as completed": { ...operatorSays("completed", 2), amount: less },
} as const satisfies Record<string, Evidence>;

type Piece = keyof typeof pieces | keyof typeof decisions;
const names = [...Object.keys(pieces), ...Object.keys(decisions)] as Piece[];

/**
 * Pieces whose order never matters. Of the others it does, as it should: a finished registration is not amended, a
 * payment names only an unfinished order, and the second of two pushes with one receipt is the duplicate.
 */
const orderless: Piece[] = [
  "first push registered",
  "first push paid",
  "first push paid again",
  "first push paid with less",
  "first push failed",
  "first push polled: paid",
  "first push polled: failed",
  "second push failed",
  "confirmation without reference",
  "statement",
  "a part given back",
  "the rest given back",
  "too much given back",
  "decided as failed",
  "decided as completed",
];

type History = { order: Piece[]; other: Piece[] };
const piecesMax = 12;

/** Up to twelve pieces in one order, and in another one with repetitions. */
const history: fc.Arbitrary<History> = fc
  .constantFrom(names, orderless)
  .chain(all => fc.shuffledSubarray(all, { minLength: 2, maxLength: Math.min(all.length, piecesMax) }))
  .chain(order =>
    fc.tuple(
      fc.constant(order),
      fc
        .array(fc.constantFrom(...order), { maxLength: 4 })
        .chain(again => fc.shuffledSubarray([...order, ...again], { minLength: order.length + again.length })),
    ),
  )
  .map(([order, other]) => ({ order, other }));

/** Plays many histories at once, a connection each: every batch holds the next piece of all. */
async function playAll(orders: Piece[][]): Promise<Connection[]> {
  const connections = await Promise.all(orders.map(() => anotherConnection()));
  const postponed: [Connection, Evidence][] = [];
  const steps = Math.max(...orders.map(order => order.length));
  for (let step = 0; step < steps; step += 1) {
    const next = orders.flatMap((order, at) =>
      order.slice(step, step + 1).map(name => [connections[at]!, name] as const),
    );
    const items = next.flatMap(([connection, name]) => (isDecision(name) ? [] : [pieces[name](connection)].flat()));
    // A registration and what it registers are two requests.
    for (const some of [items.filter(i => i.registration !== null), items.filter(i => i.registration === null)]) {
      if (some.length > 0) await settle(...some);
    }
    const decided = next.flatMap(([connection, name]) =>
      isDecision(name) ? [[connection, decisions[name]] as const] : [],
    );
    postponed.push(...(await decideAll(decided)));
  }
  await decideAll(postponed);
  return connections;
}

function isDecision(name: Piece): name is keyof typeof decisions {
  return name in decisions;
}

/** Settles decisions about the first push of their connections, and returns those that have none yet. */
async function decideAll(decided: (readonly [Connection, Evidence])[]): Promise<[Connection, Evidence][]> {
  if (decided.length === 0) return [];
  const rows = await sql()<{ connection_id: string; transaction_id: string }[]>`
    select connection_id, transaction_id from transaction_keys
    where key = 'checkout_request_id:ws_CO_1' and connection_id = any(${decided.map(([c]) => c.id)}::uuid[])`;
  const targets = new Map(rows.map(row => [row.connection_id, row.transaction_id]));
  const items = decided.flatMap(([c, e]) => (targets.has(c.id) ? [evidenceItem(c, e, targets.get(c.id)!)] : []));
  if (items.length > 0) await settle(...items);
  return decided.filter(([c]) => !targets.has(c.id)).map(([c, e]) => [c, e]);
}

type Told = { sequence: number; transaction: ReturnType<typeof transactionJson> };
type Stored = { t: Transaction; evidence: Evidence[]; told: Told[] };

async function storedOf(connections: Connection[]): Promise<Map<string, Stored[]>> {
  const { shard } = connections[0]!;
  const { vault } = sql();
  const ids = connections.map(c => c.id);
  const rows = await sql()<TransactionRow[]>`
    select * from transactions where shard = ${shard} and connection_id = any(${ids}::uuid[]) order by id`;
  const transactionIds = rows.map(row => row.id);
  const evidence = await sql()<EvidenceRow[]>`
    select transaction_id, id, source, strength, callback_id, reading, sealed, finding, learnt_at
    from evidence where shard = ${shard} and transaction_id = any(${transactionIds}::uuid[])`;
  const events = await sql()<{ transaction_id: string; id: string; sequence: number; sealed: Buffer; body: null }[]>`
    select transaction_id, id, sequence, sealed, body from events
    where shard = ${shard} and transaction_id = any(${transactionIds}::uuid[]) order by sequence`;
  const evidenceById = groupBy(evidence, row => row.transaction_id);
  const eventsById = groupBy(events, row => row.transaction_id);
  const stored = rows
    .map(row => transactionFromRow(row, vault))
    .map(t => ({
      t,
      evidence: (evidenceById.get(t.id) ?? []).map(row => evidenceFromRow(row, vault)),
      told: (eventsById.get(t.id) ?? []).map(({ sequence, ...row }) => ({
        sequence,
        transaction: JSON.parse(openBody(row, vault)).data.transaction as Told["transaction"],
      })),
    }));
  return groupBy(stored, ({ t }) => t.connectionId);
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** What `hakika doctor` checks, and that nothing about money changed without an event. */
function problemsOf(connection: Connection, { t, evidence, told }: Stored): string[] {
  const problems: string[] = [];
  if (told.some(({ sequence }, at) => sequence !== at + 1) || told.length !== t.sequence) problems.push("sequence");
  if (t.mergedInto !== null) return problems;
  const policy = policyOf(connection, connectionCanPoll(deps().providers, connection, t.kind));
  const decision = decide(evidence, t.registration, policy);
  const facts = describeFacts(evidence, decision, t.registration);
  if (decision.status !== t.status || decision.source !== t.statusSource) problems.push("status");
  if ((decision.review?.reason ?? null) !== (t.review?.reason ?? null)) problems.push("review");
  if (facts.amount?.minor !== t.amount?.minor || facts.refundedMinor !== t.refundedMinor) problems.push("amount");
  const last = told.at(-1)?.transaction;
  const now = transactionJson(t);
  if (last) {
    for (const name of ["status", "amount", "currency", "refunded_amount"] as const) {
      // An amount that was not known when the status was told is no other amount.
      if (last[name] !== now[name] && last[name] !== null)
        problems.push(`${name} changed without an event: ${last[name]} to ${now[name]}`);
    }
    if (last.review?.reason !== now.review?.reason) problems.push("review changed without an event");
  }
  return problems;
}

/** What is true at the end, without ids, times and counters. */
function endOf(stored: Stored[]): string[] {
  return stored
    .filter(({ t }) => t.mergedInto === null)
    .map(({ t }) => {
      const { kind, registered, status, amount, refunded_amount, review, reference } = transactionJson(t);
      const expected = review && [review.reason, review.expected?.amount, review.told?.amount, review.related.length];
      return JSON.stringify([kind, registered, status, amount, refunded_amount, reference, t.refs, expected]);
    })
    .sort();
}

/** Whether two transactions have one receipt: both were told before anything showed that they are one payment. */
function hasDuplicate(stored: Stored[]): boolean {
  const receipts = stored.filter(({ t }) => t.mergedInto === null).flatMap(({ t }) => t.refs.receipt ?? []);
  return new Set(receipts).size < receipts.length;
}

/** How many are played; `npm run histories` plays 10,000, `HISTORIES` as many as it says, or others by `SEED`. */
const historiesMax = Number(process.env.HISTORIES ?? 2000);
const seed = Number(process.env.SEED ?? 20_261_130);
const atOnce = 100;

test("a history in every order and twice is decided by its evidence, and tells every change of money", async () => {
  const histories = fc.sample(history, { numRuns: historiesMax, seed });
  let compared = 0;
  for (let n = 0; n < histories.length; n += atOnce) {
    const some = histories.slice(n, n + atOnce);
    const connections = await playAll(some.flatMap(({ order, other }) => [order, other]));
    const stored = await storedOf(connections);
    for (const [at, { order, other }] of some.entries()) {
      const played = [order, other].map((pieces, which) => {
        const connection = connections[2 * at + which]!;
        const all = stored.get(connection.id) ?? [];
        expect({ pieces, problems: all.flatMap(each => problemsOf(connection, each)) }).toEqual({
          pieces,
          problems: [],
        });
        return all;
      });
      if (!order.every(name => orderless.includes(name)) || played.some(hasDuplicate)) continue;
      compared += 1;
      expect({ order, other, end: endOf(played[1]!) }).toEqual({ order, other, end: endOf(played[0]!) });
    }
  }
  expect(compared).toBeGreaterThan(historiesMax / 5);
}, 900_000);
