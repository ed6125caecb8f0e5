import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { newPassCounter } from "../../src/reconcile/pass-counts.ts";
import { pullDue } from "../../src/reconcile/statements/pull.ts";
import { pullProblemOf } from "../../src/reconcile/statements/pull-store.ts";
import { darajaCredentials, reconcileBundle } from "../support/reconcile-bundle.ts";
import { startSecondReconciler } from "../support/second-reconciler.ts";
import { remainingTransactions } from "../support/settling.ts";

/** Without a passkey: pushes cannot be polled, so that statements alone settle them. */
const { passkey: _passkey, ...credentials } = darajaCredentials;
const bundle = reconcileBundle({ credentials });
const { connect, backdate, pass } = bundle;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
});

type Row = Record<string, unknown>;
type Page = Row[] | { status: number; headers: Record<string, string> };

/**
 * Connects to a provider whose page at an offset is `pageAt`. `asked` grows by the offset of each call, and `until`
 * resolves once that many calls were made.
 */
async function connectToPages(pageAt: (offset: number, calls: number) => Page, ratePerMinute = 60_000) {
  const asked: number[] = [];
  const waiting: { calls: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on("data", chunk => chunks.push(chunk))
      .on("end", () => {
        if (request.url?.startsWith("/oauth"))
          return void response.end('{"access_token":"a-token","expires_in":"3599"}');
        const offset = Number(JSON.parse(Buffer.concat(chunks).toString()).OffSetValue);
        asked.push(offset);
        for (const { calls, resolve } of waiting) if (asked.length >= calls) resolve();
        const page = pageAt(offset, asked.length);
        if (!Array.isArray(page)) return void response.writeHead(page.status, page.headers).end("{}");
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ ResponseCode: page.length > 0 ? "1000" : "1001", Response: [page] }));
      });
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await connect({ baseUrl, settings: { reconcile: { pull: true, rate_per_minute: ratePerMinute } } });
  const until = (calls: number) => new Promise<void>(resolve => waiting.push({ calls, resolve }));
  return { asked, until };
}

const row = (receipt: string): Row => ({
  transactionId: receipt,
  trxDate: "2026-01-01T00:00:00Z",
  transactiontype: "c2b-pay-bill-debit",
  amount: "50",
});
/** `count` payments, each on a page of its own, and an empty page. */
const onePageEach = (count: number) => (offset: number) => (offset < count ? [row(`TJI${offset}`)] : []);
const upTo = (last: number) => Array.from({ length: last + 1 }, (_, n) => n);

const receipts = async () =>
  (await remainingTransactions(bundle.sql, bundle.connection)).map(t => t.refs.receipt).sort();
const cursor = async () =>
  (await bundle.sql`select * from pull_cursors where connection_id = ${bundle.connection.id}`)[0]!;
const problem = () => pullProblemOf(bundle.sql, bundle.connection.shard, bundle.connection.id);

test("regression: a statement of 600 pages is read to its last page, however many passes it takes", async () => {
  await connectToPages(onePageEach(600));
  let settled = 0;
  for (let n = 0; n < 10 && settled < 600; n += 1) {
    const summary = await pass();
    expect(summary.errors).toBe(0);
    settled += summary.settled;
  }
  expect(settled).toBe(600);
  expect(await receipts()).toHaveLength(600);
  expect(await cursor()).toMatchObject({ window_from: null, window_to: null, pulled_to: expect.any(Date) });
  expect(await problem()).toBeNull();
}, 120_000);

test("a pull that a pass has no time for goes on in the next pass, from the page where it stopped", async () => {
  const { asked, until } = await connectToPages(onePageEach(30));
  const scope = { hasShard: () => true, merchantId: null, connectionId: bundle.connection.id };
  const counter = newPassCounter();
  const stopping = new AbortController();
  const untilMs = performance.now() + 60_000;
  const time = { untilMs, callsEndMs: untilMs, signal: stopping.signal };
  void until(10).then(() => stopping.abort());
  await pullDue(bundle.reconciler.deps, scope, { time, counter });
  expect(counter).toMatchObject({ errors: 0, rate_limited: 0 });
  const { next_offset, window_to, pulled_to } = await cursor();
  expect([Number(next_offset), pulled_to]).toEqual([asked.length, null]);
  expect(asked.length).toBeLessThan(20);
  await pass();
  expect(await receipts()).toHaveLength(30);
  expect(asked).toEqual(upTo(30));
  expect((await cursor()).pulled_to).toEqual(window_to);
});

test("a pull of a process that was killed goes on in another process, and books each payment once", async () => {
  const { asked, until } = await connectToPages(onePageEach(120));
  const other = await startSecondReconciler(bundle.database.url);
  void other.run().catch(() => {});
  await until(40);
  await other.kill();
  const before = asked.length;
  // The lease of the killed process runs out.
  await backdate(31);
  await pass();
  expect(asked[before]).toBeGreaterThanOrEqual(before - 2);
  expect(asked.at(-1)).toBe(120);
  expect(new Set(await receipts()).size).toBe(120);
  expect(await receipts()).toHaveLength(120);
  expect(await cursor()).toMatchObject({ window_to: null, pulled_to: expect.any(Date) });
}, 120_000);

test("a throttled pull goes on after Retry-After, and is no error", async () => {
  const { asked } = await connectToPages(onePageEach(25), 10);
  expect(await pass()).toMatchObject({ settled: 10, rate_limited: 1, errors: 0 });
  expect(await pass()).toMatchObject({ settled: 0, errors: 0 });
  await backdate(62);
  expect(await pass()).toMatchObject({ settled: 10, rate_limited: 1 });
  await backdate(62);
  expect(await pass()).toMatchObject({ settled: 5, rate_limited: 0, errors: 0 });
  expect(asked).toEqual(upTo(25));
});

test("pages of rows that are known already are no end: what comes after them is read", async () => {
  let count = 25;
  await connectToPages(offset => onePageEach(count)(offset));
  await pass();
  count = 26;
  await backdate(3601);
  expect(await pass()).toMatchObject({ settled: 1, errors: 0 });
  expect(await receipts()).toContain("TJI25");
});

test("a provider that ignores the offset is named after ten pages without news, and its window stays", async () => {
  const { asked } = await connectToPages(() => [row("TJI1"), row("TJI2")]);
  expect(await pass()).toMatchObject({ settled: 2, errors: 1 });
  expect(asked).toHaveLength(11);
  expect(await problem()).toBe("the provider listed nothing new on 10 pages in a row, and no last page");
  expect(await cursor()).toMatchObject({ pulled_to: null, window_to: null });
  expect(await pass()).toMatchObject({ errors: 0 });
  await backdate(3601);
  expect(await pass()).toMatchObject({ settled: 0, errors: 1 });
  expect(await receipts()).toEqual(["TJI1", "TJI2"]);
});

test("pages without news are counted across passes", async () => {
  const throttling: Page = { status: 429, headers: { "retry-after": "5" } };
  const { asked } = await connectToPages((_, calls) => (calls % 4 === 0 ? throttling : [row("TJI1")]));
  for (let n = 0; n < 3; n += 1) {
    expect(await pass()).toMatchObject({ errors: 0, rate_limited: 1 });
    await backdate(6);
  }
  expect(await pass()).toMatchObject({ errors: 1, rate_limited: 0 });
  // Eleven pages, and three answers that throttled.
  expect(asked).toHaveLength(14);
});

test("a statement of 100,000 rows without an end is named, and goes on from there an hour later", async () => {
  const { asked } = await connectToPages(() => Array(10_000).fill({}));
  expect(await pass()).toMatchObject({ settled: 0, errors: 1 });
  expect(asked.at(-1)).toBe(90_000);
  expect(await problem()).toBe("the provider listed 100000 rows and no last page");
  expect(await pass()).toMatchObject({ errors: 0 });
  await backdate(3601);
  await pass();
  expect(asked[10]).toBe(100_000);
}, 60_000);

test("a page that cannot be read is asked for again minutes later, and the connection says why", async () => {
  const { asked } = await connectToPages((offset, calls) =>
    calls === 3 ? { status: 500, headers: {} } : offset < 5 ? [row(`TJI${offset}`)] : [],
  );
  expect(await pass()).toMatchObject({ settled: 2, errors: 1 });
  expect(await problem()).toBe("the last page could not be read: HTTP 500");
  await backdate(301);
  expect(await pass()).toMatchObject({ settled: 3, errors: 0 });
  expect(asked).toEqual([0, 1, 2, 2, 3, 4, 5]);
  expect(await problem()).toBeNull();
});
