import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { createGroupCommit, type PendingItem } from "../../src/batch/group-commit.ts";

type Row = { id: number; bytes: number; key: string; copies: number };
type Write = { batch: PendingItem<Row, number>[]; finish: (error?: Error) => void };

afterEach(() => {
  vi.useRealTimers();
});

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve));
const row = (id: number, bytes = 1, key = `${id}`): Row => ({ id, bytes, key, copies: 1 });
const limits = { batchMax: 4, waitingMax: 9 };
const bytes = { sizeOf: (item: Row) => item.bytes, batchMax: 10, waitingMax: 30 };
const copies = {
  keyOf: (item: Row) => item.key,
  merge: (first: Row) => {
    first.copies += 1;
  },
};

/**
 * A store whose writes a test finishes; each item's result is its id. `started`: the items as they were when written.
 */
function heldStore() {
  const underWay: Write[] = [];
  const started: Row[][] = [];
  const written: Row[][] = [];
  return {
    underWay,
    started,
    written,
    write: (batch: PendingItem<Row, number>[]) =>
      new Promise<void>((resolve, reject) => {
        started.push(batch.map(({ item }) => ({ ...item })));
        const finish = (error?: Error) => {
          underWay.pop();
          if (error) return reject(error);
          written.push(batch.map(({ item }) => item));
          for (const pending of batch) pending.resolve(pending.item.id);
          resolve();
        };
        underWay.push({ batch, finish });
      }),
  };
}

/** A burst of items in one turn of the event loop, or the end of the write that is under way. */
const stepOf = fc.oneof(
  fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 14 }), key: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 12,
  }),
  fc.constant("finish" as const),
);

test("each item taken is written once, in order, one write at a time, within the bounds of a batch", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf, { maxLength: 30 }), async steps => {
      const store = heldStore();
      const commits = createGroupCommit<Row, number>({ write: store.write, ...limits, bytes });
      const results: { id: number; bytes: number; result: Promise<number> }[] = [];
      let id = 0;
      for (const step of steps) {
        if (step === "finish") store.underWay[0]?.finish();
        for (const item of step === "finish" ? [] : step) {
          const waiting = results.slice(store.started.flat().length);
          const waitingBytes = waiting.reduce((sum, each) => sum + each.bytes, 0);
          const isRoom = waiting.length < limits.waitingMax && waitingBytes + item.bytes <= bytes.waitingMax;
          const result = commits.add(row(id, item.bytes));
          expect(result !== null).toBe(isRoom);
          if (result) results.push({ id, bytes: item.bytes, result });
          id += 1;
        }
        await nextTurn();
        expect(store.underWay.length).toBeLessThanOrEqual(1);
      }
      for (; store.underWay.length > 0; await nextTurn()) store.underWay[0]!.finish();
      await commits.idle();
      expect(store.written.flat().map(item => item.id)).toEqual(results.map(result => result.id));
      expect(await Promise.all(results.map(({ result }) => result))).toEqual(results.map(result => result.id));
      for (const batch of store.written) {
        const size = batch.reduce((sum, item) => sum + item.bytes, 0);
        expect(batch.length).toBeLessThanOrEqual(limits.batchMax);
        expect(size <= bytes.batchMax || batch.length === 1).toBe(true);
      }
    }),
  );
});

test("copies that wait together are written once and get one result, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf, { maxLength: 30 }), async steps => {
      const store = heldStore();
      const commits = createGroupCommit<Row, number>({ write: store.write, ...limits, copies });
      const taken: string[] = [];
      const results: Promise<number>[] = [];
      let id = 0;
      for (const step of steps) {
        if (step === "finish") store.underWay[0]?.finish();
        for (const item of step === "finish" ? [] : step) {
          const result = commits.add(row(id++, 1, `${item.key}`));
          if (!result) continue;
          taken.push(`${item.key}`);
          results.push(result);
        }
        await nextTurn();
      }
      for (; store.underWay.length > 0; await nextTurn()) store.underWay[0]!.finish();
      const byId = new Map(store.written.flat().map(item => [item.id, item]));
      expect((await Promise.all(results)).map(result => byId.get(result)?.key)).toEqual(taken);
      for (const batch of store.started) expect(new Set(batch.map(item => item.key)).size).toBe(batch.length);
      expect(store.started.flat().reduce((sum, item) => sum + item.copies, 0)).toBe(taken.length);
    }),
  );
});

test("a single item is written in the next turn of the event loop, with the items of its own turn", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval"] });
  const store = heldStore();
  const commits = createGroupCommit<Row, number>({ write: store.write, ...limits });
  void commits.add(row(1));
  void commits.add(row(2));
  expect(store.underWay).toEqual([]);
  await nextTurn();
  expect(store.underWay[0]!.batch.map(({ item }) => item.id)).toEqual([1, 2]);
  expect(vi.getTimerCount()).toBe(0);
});

test("what arrives during a write is the next batch", async () => {
  const store = heldStore();
  const commits = createGroupCommit<Row, number>({ write: store.write, ...limits });
  void commits.add(row(1));
  await nextTurn();
  for (const id of [2, 3, 4]) void commits.add(row(id));
  await nextTurn();
  expect(store.written).toEqual([]);
  store.underWay[0]!.finish();
  await nextTurn();
  expect(store.underWay[0]!.batch.map(({ item }) => item.id)).toEqual([2, 3, 4]);
});

test("too many items or bytes are not taken, and there is room again once a batch is in flight", async () => {
  const store = heldStore();
  const commits = createGroupCommit<Row, number>({ write: store.write, ...limits, bytes });
  for (let id = 0; id < limits.waitingMax; id += 1) expect(commits.add(row(id))).not.toBeNull();
  expect(commits.add(row(9))).toBeNull();
  await nextTurn();
  expect(commits.add(row(10, bytes.waitingMax))).toBeNull();
  expect(commits.add(row(11))).not.toBeNull();
});

test("a write that fails fails the items without a result, and the next batch is written", async () => {
  const failure = new Error("refused");
  const written: number[] = [];
  const commits = createGroupCommit<Row, string>({
    ...limits,
    async write(batch) {
      written.push(...batch.map(({ item }) => item.id));
      batch[0]!.resolve("written");
      if (batch[0]!.item.id === 1) throw failure;
    },
  });
  const results = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(id => commits.add(row(id))));
  expect(results.map(result => (result.status === "fulfilled" ? result.value : result.reason.message))).toEqual([
    "written",
    "refused",
    "refused",
    "refused",
    "written",
    "the batch was written, but this item was given no result",
  ]);
  expect(written).toEqual([1, 2, 3, 4, 5, 6]);
});

test("it is idle once every item has its result", async () => {
  const store = heldStore();
  const commits = createGroupCommit<Row, number>({ write: store.write, ...limits });
  await commits.idle();
  void commits.add(row(1));
  let isIdle = false;
  const idle = commits.idle().then(() => {
    isIdle = true;
  });
  await nextTurn();
  expect(isIdle).toBe(false);
  store.underWay[0]!.finish();
  await idle;
  expect(store.written).toHaveLength(1);
});
