import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import { policyOf } from "../../src/connections/connection.ts";
import { decide } from "../../src/domain/decide/decide.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import type { Transaction } from "../../src/domain/transaction.ts";
import { transactionJson } from "../../src/domain/transaction-json.ts";
import { connectionCanPoll } from "../../src/providers/can-poll.ts";
import type { SettleDeps } from "../../src/settle/batch.ts";
import { evidenceOf } from "../../src/settle/evidence-store.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes, learnt, polled } from "../support/evidence.ts";
import { connection, merchant, type TestMerchant } from "../support/fixtures.ts";
import { apart, heard, registering, settleDeps, standing, toldOf, transactionsOf } from "../support/settling.ts";

let database: TestDatabase;
let deps: SettleDeps;
let duka: TestMerchant;

beforeAll(async () => {
  database = await testDatabase();
  deps = settleDeps(database.sql);
  duka = await merchant(database.sql);
});

afterAll(() => database.drop());

const checkout = "checkout_request_id:ws_CO_1";
const receipt = "receipt:TJIKQ7V33N";
const amount = kes(5000);

const push = { identity: [checkout], refs: { checkout_request_id: "ws_CO_1" } };
const paid = {
  identity: [checkout, receipt],
  refs: { checkout_request_id: "ws_CO_1", receipt: "TJIKQ7V33N" },
  amount,
};
const confirmation: Partial<Evidence> = { kind: "c2b", identity: [receipt], refs: { receipt: "TJIKQ7V33N" }, amount };

/** Everything that may come to be known of one payment, each under an id of its own. */
const pieces = {
  registration: (c: Connection) =>
    registering(c, { refs: { checkout_request_id: "ws_CO_1" }, reference: "ORDER-1", amount }),
  "callback failed": (c: Connection) =>
    heard(c, learnt("failed", { ...push, result: { code: "1032", description: "" } })),
  "poll failed": (c: Connection) => heard(c, polled("failed", { ...push, provisional: true })),
  "poll completed": (c: Connection) => heard(c, polled("completed", push)),
  "callback completed": (c: Connection) => heard(c, apart(learnt("completed", paid), 1)),
  "callback completed again": (c: Connection) => heard(c, apart(learnt("completed", paid), 2)),
  "C2B confirmation": (c: Connection) => heard(c, learnt("completed", { ...confirmation, reference: " order-1 " })),
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
  const daraja = await connection(database.sql, duka, { provider: "daraja" });
  let before: Transaction[] = [];
  for (const batch of batches) {
    await settleBatch(
      deps,
      duka.shard,
      batch.map(piece => pieces[piece](daraja)),
    );
    const after = await transactionsOf(database.sql, daraja);
    for (const t of after) await hasNoGap(before.find(other => other.id === t.id) ?? null, t);
    before = after;
  }
  for (const t of before) await isWhatItsEvidenceSays(daraja, t);
  return daraja;
}

/** A change of what can be seen is one version more, and nothing else is. */
async function hasNoGap(before: Transaction | null, after: Transaction): Promise<void> {
  const told = await toldOf(database.sql, after);
  expect(told.map(e => e.sequence)).toEqual(Array.from({ length: after.sequence }, (_, at) => at + 1));
  if (before === null) {
    expect(after.version).toBe(1);
  } else if (after.mergedInto === null) {
    const seen = (t: Transaction) => ({ ...transactionJson(t), version: 0, updated_at: "" });
    const same = isDeepStrictEqual(seen(before), seen(after));
    expect(after.version).toBe(before.version + (same ? 0 : 1));
  }
}

async function isWhatItsEvidenceSays(c: Connection, t: Transaction): Promise<void> {
  if (t.mergedInto !== null) return;
  const known = await database.sql.begin(tx => evidenceOf(tx, t.shard, [t.id]));
  const decision = decide(
    known.map(k => k.evidence),
    t.registration,
    policyOf(c, connectionCanPoll(deps.providers, c, t.kind)),
  );
  expect({ status: t.status, source: t.statusSource, review: t.review?.reason ?? null }).toEqual({
    status: decision.status,
    source: decision.source,
    review: decision.review?.reason ?? null,
  });
}

test("any history of one payment ends in one completed transaction with its receipt, told once", async () => {
  await fc.assert(
    fc.asyncProperty(history, async batches => {
      const order = batches.flat();
      const firstPaid = Math.min(order.indexOf("callback completed"), order.indexOf("callback completed again"));
      const precedes = (piece: Piece) => order.indexOf(piece) < firstPaid;
      const daraja = await play(batches);
      const all = await transactionsOf(database.sql, daraja);
      const left = all.filter(t => t.mergedInto === null);
      const told = await Promise.all(all.map(t => toldOf(database.sql, t)));
      const completed = told.map(list => list.filter(e => e.type === "payment.completed").length);
      expect(left.every(t => t.status === "completed" && t.refs.receipt === "TJIKQ7V33N")).toBe(true);
      for (const count of completed) expect(count).toBeLessThanOrEqual(1);
      if (left.length === 1) {
        expect(left[0]).toMatchObject({ registered: true, review: null, reference: "ORDER-1", kind: "stk_push" });
        expect(completed.reduce((a, b) => a + b, 0)).toBe(1);
      } else {
        // Both were told of before anything said that they are one: what was told cannot be taken back.
        expect(precedes("poll completed") && precedes("C2B confirmation")).toBe(true);
        expect(completed).toEqual([1, 1]);
        const [twin] = left.filter(t => t.review !== null);
        expect(left.filter(t => t.review !== null)).toHaveLength(1);
        expect(twin?.review).toMatchObject({
          reason: "duplicate_receipt",
          duplicate_of: left.find(t => t !== twin)?.id,
        });
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);

test("without a confirmation of its own, any history ends the same to the letter", async () => {
  const withoutC2b = history.map(batches =>
    batches.map(batch => batch.filter(piece => piece !== "C2B confirmation")).filter(batch => batch.length > 0),
  );
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(withoutC2b, async batches => {
      const daraja = await play(batches);
      const [only, ...others] = await standing(database.sql, daraja);
      expect(others).toEqual([]);
      const { status, statusSource, review, refs, amount: sum, result } = only!;
      ends.add(JSON.stringify([status, statusSource, review, refs.receipt, sum?.minor.toString(), result]));
      const told = await toldOf(database.sql, only!);
      expect(told.filter(e => e.type === "payment.completed")).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
  expect(ends.size).toBe(1);
}, 120_000);
