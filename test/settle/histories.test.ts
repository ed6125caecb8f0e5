import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import { policyOf } from "../../src/connections/connection.ts";
import { decide } from "../../src/domain/decide/decide.ts";
import type { Transaction } from "../../src/domain/transaction.ts";
import { transactionJson } from "../../src/domain/transaction-json.ts";
import { connectionCanPoll } from "../../src/providers/can-poll.ts";
import { evidenceOf } from "../../src/settle/evidence-store.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { pollSays } from "../support/evidence.ts";
import { amount, c2bPaid, pushCancelled, pushPaid, pushRefs, settleBundle } from "../support/settle-bundle.ts";
import {
  evidenceItem,
  registrationItem,
  remainingTransactions,
  transactionsOf,
  withOwnId,
} from "../support/settling.ts";

const { sql, deps, anotherConnection, settle, eventsOf } = settleBundle();

const receipt = "TJIKQ7V33N";
const push = { identity: ["checkout_request_id:ws_CO_1"], refs: pushRefs(1) };

/** Everything that may become known of one payment. */
const pieces = {
  registration: (c: Connection) => registrationItem(c, { refs: pushRefs(1), reference: "ORDER-1", amount }),
  "callback failed": (c: Connection) => evidenceItem(c, pushCancelled(1)),
  "poll failed": (c: Connection) => evidenceItem(c, pollSays("failed", { ...push, provisional: true })),
  "poll completed": (c: Connection) => evidenceItem(c, pollSays("completed", push)),
  "callback completed": (c: Connection) => evidenceItem(c, withOwnId(pushPaid(1, receipt), 1)),
  "callback completed again": (c: Connection) => evidenceItem(c, withOwnId(pushPaid(1, receipt), 2)),
  "C2B confirmation": (c: Connection) => evidenceItem(c, c2bPaid(receipt, { reference: " order-1 " })),
} as const satisfies Record<string, (c: Connection) => SettleItem>;
type Piece = keyof typeof pieces;
const names = Object.keys(pieces) as Piece[];

/** A history: every piece once, some twice, in any order, cut into batches anywhere. */
const history = fc
  .array(fc.constantFrom(...names), { maxLength: 3 })
  .chain(again => fc.shuffledSubarray([...names, ...again], { minLength: names.length + again.length }))
  .chain(order =>
    fc.tuple(fc.constant(order), fc.array(fc.boolean(), { minLength: order.length, maxLength: order.length })),
  )
  .map(([order, cuts]) =>
    order.reduce<Piece[][]>((batches, piece, at) => {
      if (at === 0 || cuts[at]) batches.push([]);
      batches.at(-1)!.push(piece);
      return batches;
    }, []),
  );

async function play(batches: Piece[][]): Promise<Connection> {
  const connection = await anotherConnection();
  let before: Transaction[] = [];
  for (const batch of batches) {
    await settle(...batch.map(piece => pieces[piece](connection)));
    const after = await transactionsOf(sql(), connection);
    for (const t of after) await expectNoGap(before.find(other => other.id === t.id) ?? null, t);
    before = after;
  }
  for (const t of before) await expectDecidedByEvidence(connection, t);
  return connection;
}

/** Each visible change is one version more, and events are numbered without gaps. */
async function expectNoGap(before: Transaction | null, after: Transaction): Promise<void> {
  const events = await eventsOf(after);
  expect(events.map(e => e.sequence)).toEqual(Array.from({ length: after.sequence }, (_, at) => at + 1));
  if (before === null) {
    // A registration and the payment with its reference settle one after the other, also in one batch.
    expect([1, 2]).toContain(after.version);
  } else if (after.mergedInto === null) {
    const visible = (t: Transaction) => ({ ...transactionJson(t), version: 0, updated_at: "" });
    const hasChanged = !isDeepStrictEqual(visible(before), visible(after));
    const versions = after.version - before.version;
    expect(versions >= (hasChanged ? 1 : 0) && versions <= 2).toBe(true);
  }
}

async function expectDecidedByEvidence(connection: Connection, t: Transaction): Promise<void> {
  if (t.mergedInto !== null) return;
  const known = await sql().begin(tx => evidenceOf(tx, t.shard, [t.id]));
  const decision = decide(
    known.map(k => k.evidence),
    t.registration,
    policyOf(connection, connectionCanPoll(deps().providers, connection, t.kind)),
  );
  expect({ status: t.status, source: t.statusSource, review: t.review?.reason ?? null }).toEqual({
    status: decision.status,
    source: decision.source,
    review: decision.review?.reason ?? null,
  });
}

test("any history of one payment ends in one completed transaction with its receipt and one payment.completed", async () => {
  await fc.assert(
    fc.asyncProperty(history, async batches => {
      const order = batches.flat();
      const firstPaid = Math.min(order.indexOf("callback completed"), order.indexOf("callback completed again"));
      const precedes = (piece: Piece) => order.indexOf(piece) < firstPaid;
      const connection = await play(batches);
      const all = await transactionsOf(sql(), connection);
      const left = all.filter(t => t.mergedInto === null);
      const events = await Promise.all(all.map(eventsOf));
      const completed = events.map(list => list.filter(e => e.type === "payment.completed").length);
      expect(left.every(t => t.status === "completed" && t.refs.receipt === receipt)).toBe(true);
      for (const count of completed) expect(count).toBeLessThanOrEqual(1);
      if (left.length === 1) {
        expect(left[0]).toMatchObject({ registered: true, review: null, reference: "ORDER-1", kind: "stk_push" });
        expect(completed.reduce((a, b) => a + b, 0)).toBe(1);
      } else {
        // Both were announced before anything showed that they are one payment: a sent event cannot be taken back.
        expect(precedes("poll completed") && precedes("C2B confirmation")).toBe(true);
        expect(completed).toEqual([1, 1]);
        const [duplicate] = left.filter(t => t.review !== null);
        expect(left.filter(t => t.review !== null)).toHaveLength(1);
        expect(duplicate?.review).toMatchObject({
          reason: "duplicate_receipt",
          duplicate_of: left.find(t => t !== duplicate)?.id,
        });
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);

test("any history without a C2B confirmation ends in the same transaction", async () => {
  const withoutC2b = history.map(batches =>
    batches.map(batch => batch.filter(piece => piece !== "C2B confirmation")).filter(batch => batch.length > 0),
  );
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(withoutC2b, async batches => {
      const connection = await play(batches);
      const [transaction, ...others] = await remainingTransactions(sql(), connection);
      expect(others).toEqual([]);
      const { status, statusSource, review, refs, amount, result } = transaction!;
      ends.add(JSON.stringify([status, statusSource, review, refs.receipt, amount?.minor.toString(), result]));
      const events = await eventsOf(transaction!);
      expect(events.filter(e => e.type === "payment.completed")).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
  expect(ends.size).toBe(1);
}, 120_000);
