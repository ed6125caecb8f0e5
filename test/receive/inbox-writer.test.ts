import { afterEach, expect, test } from "vitest";
import { type RecordBatch, shardsOf } from "../../src/receive/store/callback-record.ts";
import type { InboxDatabase } from "../../src/receive/store/inbox-database-store.ts";
import { createInboxWriter, type InboxWriter, type InboxWriterDeps } from "../../src/receive/store/inbox-writer.ts";
import type { Spool } from "../../src/receive/store/spool.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { record } from "./callback-record.ts";

const away = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
const refusal = Object.assign(new Error("no such letter"), { code: "22021" });

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

/** A database whose commits a test ends one by one. */
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
    /** Resolves to the nth commit once it has started. */
    async commit(nth: number) {
      while (commits.length < nth) await new Promise<void>(resolve => watchers.push(resolve));
      return commits[nth - 1]!;
    },
  };
}

let inboxWriter: InboxWriter;
afterEach(() => inboxWriter.drain());

type Given = Partial<InboxWriterDeps & Pick<InboxDatabase, "probe">> & {
  write?: (batch: RecordBatch) => Promise<void>;
};

function inboxWriterWith({ write, probe, ...deps }: Given): InboxWriter {
  const nothing = async () => {};
  const writeFree = async (batch: RecordBatch) => {
    await write?.(batch);
    return { leasedIds: new Set<string>(), freeShards: shardsOf(batch) };
  };
  inboxWriter = createInboxWriter({
    database: { write: writeFree, probe: probe ?? nothing, replaceConnections() {} },
    spool: memorySpool(),
    log: silentLog,
    onKept: () => {},
    telemetry: silentTelemetry,
    ...deps,
  });
  return inboxWriter;
}

const keys = (batch: RecordBatch) => batch.rows.map(row => row.record.key);

test("a single callback is written without delay, and is kept only once its commit is done", async () => {
  const database = heldDatabase();
  const order: string[] = [];
  const kept = inboxWriterWith({ write: database.write })
    .append(record("a"))
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
  inboxWriterWith({ write: database.write, onKept: shards => wakes.push([...shards]) });
  const results = [inboxWriter.append(record("a"))];
  const first = await database.commit(1);
  for (const key of ["b", "c", "b", "a", "b"]) results.push(inboxWriter.append(record(key)));
  results.push(inboxWriter.append(record("b", "another body")));
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
  inboxWriterWith({
    write: async batch => {
      sizes.push(batch.rows.length);
      seen.push(...keys(batch));
    },
  });
  const small = Array.from({ length: 1200 }, (_, n) => record(`s${n}`));
  await Promise.all(small.map(one => inboxWriter.append(one)));
  expect(sizes).toEqual([500, 500, 200]);
  expect(seen).toEqual(small.map(one => one.key));
  sizes.length = 0;
  const mebibyte = "x".repeat(1024 * 1024);
  await Promise.all(Array.from({ length: 20 }, (_, n) => inboxWriter.append(record(`l${n}`, mebibyte + n))));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(20);
});

test("a callback beyond the bounds is unavailable at once, and there is room again afterwards", async () => {
  const database = heldDatabase();
  inboxWriterWith({ write: database.write });
  const first = inboxWriter.append(record("first"));
  const held = await database.commit(1);
  const mebibyte = "x".repeat(1024 * 1024);
  const waiting = Array.from({ length: 64 }, (_, n) =>
    inboxWriter.append(record(`w${n}`, mebibyte.slice(String(n).length) + n)),
  );
  expect(await inboxWriter.append(record("too much"))).toBe("unavailable");
  held.resolve();
  for (let nth = 2; nth <= 9; nth += 1) (await database.commit(nth)).resolve();
  expect(new Set(await Promise.all([first, ...waiting]))).toEqual(new Set(["kept"]));
  const after = inboxWriter.append(record("after"));
  (await database.commit(10)).resolve();
  expect(await after).toBe("kept");
});

test("a row that the database rejects is refused alone: its neighbours are kept", async () => {
  const written: string[] = [];
  inboxWriterWith({
    write: async batch => {
      if (keys(batch).includes("poison")) throw refusal;
      written.push(...keys(batch));
    },
  });
  const all = Array.from({ length: 33 }, (_, n) => (n === 21 ? "poison" : `k${n}`));
  const results = await Promise.all(all.map(key => inboxWriter.append(record(key))));
  expect(results.map((result, at) => [all[at], result]).filter(([, result]) => result !== "kept")).toEqual([
    ["poison", "unavailable"],
  ]);
  expect(written.sort()).toEqual(all.filter(key => key !== "poison").sort());
});

test("an error without a code refuses its callback, and does not count as an unavailable database", async () => {
  const spool = memorySpool();
  inboxWriterWith({
    spool,
    write: async batch => {
      if (keys(batch).includes("bug")) throw new TypeError("undefined is not a function");
    },
  });
  expect(await Promise.all(["a", "bug", "b"].map(key => inboxWriter.append(record(key))))).toEqual([
    "kept",
    "unavailable",
    "kept",
  ]);
  expect([inboxWriter.isDatabaseUnavailable(), spool.batches]).toEqual([false, []]);
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
  "while the database is unavailable (%s) callbacks go to the spool, and are drained in order afterwards",
  async ([code]) => {
    const spool = memorySpool();
    const written: string[] = [];
    let isAway = true;
    inboxWriterWith({
      spool,
      probe: async () => {
        if (isAway) throw away;
      },
      write: async batch => {
        if (isAway) throw Object.assign(new Error("gone"), { code });
        written.push(...keys(batch));
      },
    });
    for (const key of ["a", "b", "c"]) expect(await inboxWriter.append(record(key))).toBe("kept");
    expect([inboxWriter.isDatabaseUnavailable(), spool.batches.map(keys)]).toEqual([true, [["a"], ["b"], ["c"]]]);
    isAway = false;
    await expect.poll(() => inboxWriter.isDatabaseUnavailable(), { timeout: 5_000 }).toBe(false);
    expect(await inboxWriter.append(record("d"))).toBe("kept");
    expect(written).toEqual(["a", "b", "c", "d"]);
  },
);

test("regression: a spool that cannot be read keeps no callback from the database, and is drained once it can be", async () => {
  const spool = memorySpool();
  const { drain } = spool;
  let isBroken = true;
  spool.drain = async write => {
    if (isBroken) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
    return drain(write);
  };
  spool.batches.push({ batchId: "01a1fb4c-6f1d-7007-9d8f-96adb6802a64", rows: [{ record: record("a"), copies: 1 }] });
  const written: string[] = [];
  inboxWriterWith({ spool, write: async batch => void written.push(...keys(batch)) });
  await expect.poll(() => inboxWriter.isDatabaseUnavailable(), { timeout: 5_000 }).toBe(false);
  expect(await inboxWriter.append(record("b"))).toBe("kept");
  expect(written).toEqual(["b"]);
  isBroken = false;
  await expect.poll(() => written, { timeout: 5_000 }).toEqual(["b", "a"]);
});

test("a callback is unavailable where neither database nor spool takes it", async () => {
  const spool = memorySpool();
  spool.isFull = true;
  const down = async () => {
    throw away;
  };
  inboxWriterWith({ spool, write: down, probe: down });
  expect(await inboxWriter.append(record("a"))).toBe("unavailable");
});

test("a spooled row that the database rejects is set aside, not lost, and its neighbours are written", async () => {
  const spool = memorySpool();
  const rows = ["a", "poison", "b"].map(key => ({ record: record(key), copies: 1 }));
  spool.batches.push({ batchId: "01a1fb4c-6f1d-7007-9d8f-96adb6802a64", rows });
  const written: string[] = [];
  inboxWriterWith({
    spool,
    write: async batch => {
      if (keys(batch).includes("poison")) throw refusal;
      written.push(...keys(batch));
    },
  });
  await expect.poll(() => inboxWriter.isDatabaseUnavailable(), { timeout: 5_000 }).toBe(false);
  expect([written, spool.aside.flatMap(keys), spool.batches]).toEqual([["a", "b"], ["poison"], []]);
});
