import { afterEach, expect, test } from "vitest";
import type { RecordBatch } from "../../src/receive/store/callback-record.ts";
import { createKeeper, type Keeper, type KeeperDeps } from "../../src/receive/store/inbox-writer.ts";
import type { Spool } from "../../src/receive/store/spool.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { record } from "./record.ts";

const away = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
const refusal = Object.assign(new Error("no such letter"), { code: "22021" });

/** A spool in memory. */
function memorySpool(): Spool & { batches: RecordBatch[]; aside: RecordBatch[]; isFull: boolean } {
  const spool = {
    batches: [] as RecordBatch[],
    aside: [] as RecordBatch[],
    isFull: false,
    async append(batch: RecordBatch) {
      if (spool.isFull) throw new Error("the disk is full");
      spool.batches.push(batch);
    },
    async drain(write: (batch: RecordBatch) => Promise<void>) {
      let drained = 0;
      while (spool.batches.length > 0) {
        await write(spool.batches[0]!);
        drained += spool.batches.shift()!.rows.length;
      }
      return drained;
    },
    async setAside(batch: RecordBatch) {
      spool.aside.push(batch);
    },
    bytes: () => spool.batches.length,
    async close() {},
  };
  return spool;
}

/** A database whose commits a test lets through one by one. */
function heldDatabase() {
  const commits: { batch: RecordBatch; resolve: () => void; reject: (error: unknown) => void }[] = [];
  const watchers: (() => void)[] = [];
  return {
    commits,
    write: (batch: RecordBatch) =>
      new Promise<void>((resolve, reject) => {
        commits.push({ batch, resolve, reject });
        for (const watcher of watchers.splice(0)) watcher();
      }),
    /** The nth commit that was asked for, once it is. */
    async commit(nth: number) {
      while (commits.length < nth) await new Promise<void>(resolve => watchers.push(resolve));
      return commits[nth - 1]!;
    },
  };
}

let keeper: Keeper;
afterEach(() => keeper.drain());

function keeperWith(deps: Partial<KeeperDeps>): Keeper {
  keeper = createKeeper({
    write: async () => {},
    probe: async () => {},
    spool: memorySpool(),
    log: silentLog,
    onKept: () => {},
    telemetry: silentTelemetry,
    ...deps,
  });
  return keeper;
}

const keys = (batch: RecordBatch) => batch.rows.map(row => row.record.key);

test("a lone callback waits for nobody, and is kept only once its commit is done", async () => {
  const database = heldDatabase();
  const order: string[] = [];
  const kept = keeperWith({ write: database.write })
    .keep(record("a"))
    .then(result => order.push(result));
  const first = await database.commit(1);
  expect([keys(first.batch), order]).toEqual([["a"], []]);
  first.resolve();
  await kept;
  expect(order).toEqual(["kept"]);
});

test("one batch is in flight; whatever arrives meanwhile is the next, and copies share a row", async () => {
  const database = heldDatabase();
  const wakes: number[][] = [];
  keeperWith({ write: database.write, onKept: shards => wakes.push([...shards]) });
  const results = [keeper.keep(record("a"))];
  const first = await database.commit(1);
  for (const key of ["b", "c", "b", "a", "b"]) results.push(keeper.keep(record(key)));
  results.push(keeper.keep(record("b", "another body")));
  await new Promise(resolve => setImmediate(resolve));
  expect(database.commits).toHaveLength(1);
  first.resolve();
  const second = await database.commit(2);
  expect(second.batch.rows.map(row => [row.record.key, row.copies])).toEqual([
    ["b", 3],
    ["c", 1],
    ["a", 1],
    ["b", 1],
  ]);
  second.resolve();
  expect(new Set(await Promise.all(results))).toEqual(new Set(["kept"]));
  expect(wakes).toEqual([[7], [7]]);
});

test("a batch has at most 500 rows and 8 MiB, in the order of arrival", async () => {
  const sizes: number[] = [];
  const seen: string[] = [];
  keeperWith({
    write: async batch => {
      sizes.push(batch.rows.length);
      seen.push(...keys(batch));
    },
  });
  const small = Array.from({ length: 1200 }, (_, n) => record(`s${n}`));
  await Promise.all(small.map(one => keeper.keep(one)));
  expect(sizes).toEqual([500, 500, 200]);
  expect(seen).toEqual(small.map(one => one.key));
  sizes.length = 0;
  const mebibyte = "x".repeat(1024 * 1024);
  await Promise.all(Array.from({ length: 20 }, (_, n) => keeper.keep(record(`l${n}`, mebibyte + n))));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(20);
});

test("too much waiting is answered unavailable at once, and there is room again afterwards", async () => {
  const database = heldDatabase();
  keeperWith({ write: database.write });
  const first = keeper.keep(record("first"));
  const held = await database.commit(1);
  const mebibyte = "x".repeat(1024 * 1024);
  const waiting = Array.from({ length: 64 }, (_, n) =>
    keeper.keep(record(`w${n}`, mebibyte.slice(String(n).length) + n)),
  );
  expect(await keeper.keep(record("too much"))).toBe("unavailable");
  held.resolve();
  for (let nth = 2; nth <= 9; nth += 1) (await database.commit(nth)).resolve();
  expect(new Set(await Promise.all([first, ...waiting]))).toEqual(new Set(["kept"]));
  const after = keeper.keep(record("after"));
  (await database.commit(10)).resolve();
  expect(await after).toBe("kept");
});

test("a row that the database refuses is refused alone: its neighbours are kept", async () => {
  const written: string[] = [];
  keeperWith({
    write: async batch => {
      if (keys(batch).includes("poison")) throw refusal;
      written.push(...keys(batch));
    },
  });
  const all = Array.from({ length: 33 }, (_, n) => (n === 21 ? "poison" : `k${n}`));
  const results = await Promise.all(all.map(key => keeper.keep(record(key))));
  expect(results.map((result, at) => [all[at], result]).filter(([, result]) => result !== "kept")).toEqual([
    ["poison", "unavailable"],
  ]);
  expect(written.sort()).toEqual(all.filter(key => key !== "poison").sort());
});

test("a bug of ours refuses what it is about, and does not count as an absent database", async () => {
  const spool = memorySpool();
  keeperWith({
    spool,
    write: async batch => {
      if (keys(batch).includes("bug")) throw new TypeError("undefined is not a function");
    },
  });
  expect(await Promise.all(["a", "bug", "b"].map(key => keeper.keep(record(key))))).toEqual([
    "kept",
    "unavailable",
    "kept",
  ]);
  expect([keeper.isAway(), spool.batches]).toEqual([false, []]);
});

test.for([
  ["ECONNREFUSED"],
  ["EPIPE"],
  ["CONNECTION_CLOSED"],
  ["CONNECT_TIMEOUT"],
  ["57P03"],
  ["53300"],
  ["28P01"],
  ["3D000"],
  ["25006"],
  ["42P01"],
])(
  "while the database is away (%s) callbacks go to the spool, and are drained in order once it is back",
  async ([code]) => {
    const spool = memorySpool();
    const written: string[] = [];
    let isAway = true;
    keeperWith({
      spool,
      probe: async () => {
        if (isAway) throw away;
      },
      write: async batch => {
        if (isAway) throw Object.assign(new Error("gone"), { code });
        written.push(...keys(batch));
      },
    });
    for (const key of ["a", "b", "c"]) expect(await keeper.keep(record(key))).toBe("kept");
    expect([keeper.isAway(), spool.batches.map(keys)]).toEqual([true, [["a"], ["b"], ["c"]]]);
    isAway = false;
    await expect.poll(() => keeper.isAway(), { timeout: 5_000 }).toBe(false);
    expect(await keeper.keep(record("d"))).toBe("kept");
    expect(written).toEqual(["a", "b", "c", "d"]);
  },
);

test("a spool that cannot be read keeps nobody from the database, and is drained once it can be", async () => {
  const spool = memorySpool();
  const { drain } = spool;
  let isBroken = true;
  spool.drain = async write => {
    if (isBroken) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
    return drain(write);
  };
  spool.batches.push({ batchId: "01a1fb4c-6f1d-7007-9d8f-96adb6802a64", rows: [{ record: record("a"), copies: 1 }] });
  const written: string[] = [];
  keeperWith({ spool, write: async batch => void written.push(...keys(batch)) });
  await expect.poll(() => keeper.isAway(), { timeout: 5_000 }).toBe(false);
  expect(await keeper.keep(record("b"))).toBe("kept");
  expect(written).toEqual(["b"]);
  isBroken = false;
  await expect.poll(() => written, { timeout: 5_000 }).toEqual(["b", "a"]);
});

test("where neither database nor spool takes it, it is unavailable", async () => {
  const spool = memorySpool();
  spool.isFull = true;
  const down = async () => {
    throw away;
  };
  keeperWith({ spool, write: down, probe: down });
  expect(await keeper.keep(record("a"))).toBe("unavailable");
});

test("a spooled row that the database refuses is set aside, not lost, and its neighbours are written", async () => {
  const spool = memorySpool();
  const rows = ["a", "poison", "b"].map(key => ({ record: record(key), copies: 1 }));
  spool.batches.push({ batchId: "01a1fb4c-6f1d-7007-9d8f-96adb6802a64", rows });
  const written: string[] = [];
  keeperWith({
    spool,
    write: async batch => {
      if (keys(batch).includes("poison")) throw refusal;
      written.push(...keys(batch));
    },
  });
  await expect.poll(() => keeper.isAway(), { timeout: 5_000 }).toBe(false);
  expect([written, spool.aside.flatMap(keys), spool.batches]).toEqual([["a", "b"], ["poison"], []]);
});
