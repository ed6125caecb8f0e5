import { ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { afterEach, expect, test } from "vitest";
import { makeLogger } from "../../src/app/log.ts";
import { logCollectorOutage } from "../../src/tracing/collector-outage.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type ChildProgram, startChild } from "../support/child-program.ts";
import { testDatabase } from "../support/database.ts";
import { openShop, request } from "../support/hakika.ts";
import { expectSettledOnce } from "../system/expect-settled.ts";
import { startCollector } from "./collector.ts";

const after: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo();
});

async function programWith(endpoint: string) {
  const database = await testDatabase();
  after.push(() => database.drop());
  const program: ChildProgram = await startChild(database.url, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  after.push(() => program.end("SIGKILL"));
  const shop = await openShop(program, { settings: { settle_on: "hint" } });
  after.push(() => shop.merchant.close());
  const pay = async (ids: string[]) => {
    for (const [at, id] of ids.entries()) {
      const answer = await request("POST", shop.connection.callback_urls.stk!, stkPaid(id, receiptOf(at)));
      expect(answer.json).toEqual({ ResultCode: 0, ResultDesc: "Accepted" });
    }
    await expectSettledOnce(database.sql, shop, ids);
  };
  return { program, pay };
}

test("payments settle and the program stops in time beside a collector that never answers", async () => {
  const collector = await startCollector("hanging");
  after.push(() => collector.close());
  const { program, pay } = await programWith(collector.url);
  await pay(["ws_CO_1", "ws_CO_2"]);
  await expect.poll(collector.requests, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(await program.end("SIGTERM")).toBe(0);
  expect(program.output()).toContain('"msg":"stopped"');
});

test("payments settle without the collector, and its outage is logged once", async () => {
  const { program, pay } = await programWith("http://127.0.0.1:1");
  await pay(["ws_CO_3"]);
  await program.said(/trace collector unavailable/);
  expect(await program.end("SIGTERM")).toBe(0);
  expect(program.output().match(/trace collector unavailable/g)).toHaveLength(1);
});

test("the spans that wait when the program stops are sent", async () => {
  const collector = await startCollector();
  after.push(() => collector.close());
  const { program, pay } = await programWith(collector.url);
  await pay(["ws_CO_4"]);
  expect(await program.end("SIGTERM")).toBe(0);
  const names = new Set(collector.spans.map(span => span.name));
  for (const name of ["keep callbacks", "settle batch", "settle callback", "create event", "POST endpoint"])
    expect(names).toContain(name);
});

test("an outage of the collector is logged once, and its end once, without the collector's own message", () => {
  const lines: string[] = [];
  const log = makeLogger({ level: "info", destination: { write: line => void lines.push(line) } });
  let error: Error | null = Object.assign(new Error("refused: x-key=a-secret-key"), { code: 403 });
  const exporter: SpanExporter = {
    export: (_spans, done) =>
      done(error ? { code: ExportResultCode.FAILED, error } : { code: ExportResultCode.SUCCESS }),
    shutdown: async () => {},
  };
  const logged = logCollectorOutage(exporter, log);
  for (let batch = 0; batch < 5; batch += 1) logged.export([], () => {});
  error = null;
  for (let batch = 0; batch < 5; batch += 1) logged.export([], () => {});
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: "warn", problem: "403" },
    { level: "info", msg: "trace collector available again" },
  ]);
  expect(lines.join()).not.toContain("a-secret-key");
});
