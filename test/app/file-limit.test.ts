import { connect, type Socket } from "node:net";
import { Hono } from "hono";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { connectionsMaxOf, fileLimit, softLimitIn } from "../../src/app/file-limit.ts";
import { type App, listeningService } from "../../src/app/http-server.ts";
import { limitMetrics } from "../../src/metrics/limits.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { silentLog } from "../support/silent-log.ts";

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             1000                 1000                 processes
Max open files            4096                 1048576              files
`;

test("the file limit is the soft limit of open files", () => {
  expect(softLimitIn(limits)).toBe(4096);
  expect(softLimitIn(limits.replace("4096 ", "unlimited"))).toBeNull();
  expect(fileLimit() ?? 1).toBeGreaterThan(0);
});

test("connections leave a reserve of files, and a small limit is warned of", () => {
  const warnings: unknown[] = [];
  const log = { warn: (line: unknown) => void warnings.push(line) };
  expect([null, 100, 300, 1024, 65_536].map(limit => connectionsMaxOf(limit, log))).toEqual([
    null,
    50,
    172,
    768,
    49_152,
  ]);
  expect(warnings).toEqual([
    { file_limit: 100, connections_max: 50 },
    { file_limit: 300, connections_max: 172 },
  ]);
});

test("a connection over the limit is closed, and the ones below it are answered", async () => {
  const registry = new Registry();
  const telemetry = createTelemetry(silentLog);
  limitMetrics(registry, telemetry);
  const starting: App = new Hono();
  starting.get("/", c => c.text("here"));
  const options = { address: { host: "127.0.0.1", port: 0 }, starting, connectionsMax: 2, telemetry, log: silentLog };
  const service = listeningService(options);
  const server = await service.start();
  onTestFinished(() => service.stop(server));
  const open = async () => {
    const socket = connect(server.port, "127.0.0.1");
    await new Promise(resolve => socket.once("connect", resolve));
    return socket;
  };
  const ask = (socket: Socket) =>
    new Promise<string>(resolve => {
      let heard = "";
      socket.on("data", data => {
        heard += data;
        if (heard.includes("here")) resolve(heard);
      });
      socket.on("close", () => resolve(`closed after ${heard}`));
      socket.on("error", () => {});
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    });
  const [first, second] = [await open(), await open()];
  expect([await ask(first), await ask(second)]).toEqual([
    expect.stringContaining("200 OK"),
    expect.stringContaining("200 OK"),
  ]);
  const third = await open();
  expect(await ask(third)).toBe("closed after ");
  expect(await registry.metrics()).toContain('hakika_limit_reached_total{limit="open_connections"} 1');
  const closed = new Promise(resolve => first.once("close", resolve));
  first.destroy();
  await closed;
  await expect.poll(async () => ask(await open()), { timeout: 5_000 }).toContain("200 OK");
});
