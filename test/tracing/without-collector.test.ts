import { afterEach, expect, test, vi } from "vitest";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { openTracing } from "../../src/tracing/open.ts";
import { spawnChild } from "../support/child-program.ts";
import { testDatabase } from "../support/database.ts";
import { silentLog } from "../support/silent-log.ts";

const after: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo();
});

/** A module loader that refuses a part of the bundle with OpenTelemetry in it. */
const forbidding = `
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (String(loaded.source).includes("node_modules/@opentelemetry/sdk-trace")) throw new Error("OpenTelemetry is loaded: " + url);
    return loaded;
  }`;
const registering = `import { register } from "node:module"; register(${JSON.stringify(dataUrl(forbidding))});`;
const withoutOpenTelemetry = { NODE_OPTIONS: `--import ${dataUrl(registering)}` };

test("without a collector the program starts, works and stops without loading OpenTelemetry", async () => {
  const database = await testDatabase();
  after.push(() => database.drop());
  const program = spawnChild(database.url, withoutOpenTelemetry);
  after.push(() => program.end("SIGKILL"));
  const url = await program.said(/API:\s+(http\S+)\/docs/);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await program.end("SIGTERM")).toBe(0);

  const traced = spawnChild(database.url, {
    ...withoutOpenTelemetry,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
  });
  after.push(() => traced.end("SIGKILL"));
  await expect(traced.said(/API:/)).rejects.toThrow(/OpenTelemetry is loaded/);
});

test("without a collector no event is built that only spans need", async () => {
  const telemetry = createTelemetry(silentLog);
  expect(await openTracing(null, telemetry, silentLog)).toBeNull();
  const build = vi.fn();
  for (const name of ["batch.settled", "pull.finished", "pass.finished", "api.answered"] as const) {
    telemetry.publish(name, build);
  }
  expect(build).not.toHaveBeenCalled();
});

function dataUrl(module: string): string {
  return `data:text/javascript,${encodeURIComponent(module)}`;
}
