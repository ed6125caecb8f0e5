import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import type { TelemetryEvents } from "../../src/telemetry/events.ts";
import { createTelemetry, type Telemetry } from "../../src/telemetry/telemetry.ts";

const disabled: TelemetryEvents["endpoint.disabled"] = { endpointId: "e", reason: "gone" };

function telemetryWithLog(): { telemetry: Telemetry; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const telemetry = createTelemetry(log);
  onTestFinished(() => telemetry.end());
  return { telemetry, lines };
}

test("an event is built only for a subscriber of its name", () => {
  const { telemetry } = telemetryWithLog();
  const build = vi.fn(() => disabled);
  telemetry.subscribe("delivery.lease_lost", () => {});
  telemetry.publish("endpoint.disabled", build);
  expect(build).not.toHaveBeenCalled();
  const seen: unknown[] = [];
  telemetry.subscribe("endpoint.disabled", event => seen.push(event));
  telemetry.subscribe("endpoint.disabled", event => seen.push(event));
  telemetry.publish("endpoint.disabled", build);
  expect(build).toHaveBeenCalledTimes(1);
  expect(seen).toEqual([disabled, disabled]);
});

test("a subscriber that throws harms neither the publisher nor the other subscribers, and is logged once", async () => {
  const { telemetry, lines } = telemetryWithLog();
  const uncaught: unknown[] = [];
  const remember = (error: unknown) => uncaught.push(error);
  process.on("uncaughtException", remember);
  onTestFinished(() => void process.off("uncaughtException", remember));
  const seen: unknown[] = [];
  telemetry.subscribe("endpoint.disabled", () => {
    throw new Error("broken");
  });
  telemetry.subscribe("endpoint.disabled", event => seen.push(event));
  telemetry.publish("endpoint.disabled", () => disabled);
  telemetry.publish("endpoint.disabled", () => disabled);
  await new Promise(resolve => setImmediate(resolve));
  expect(seen).toHaveLength(2);
  expect(uncaught).toEqual([]);
  expect(lines).toMatchObject([{ level: 50, event: "endpoint.disabled", err: { message: "broken" } }]);
});

test("an event that cannot be built harms nothing", () => {
  const { telemetry, lines } = telemetryWithLog();
  telemetry.subscribe("endpoint.disabled", () => {});
  telemetry.publish("endpoint.disabled", () => {
    throw new Error("no event");
  });
  expect(lines).toMatchObject([{ err: { message: "no event" } }]);
});

test("two programs in one process never hear each other's events", () => {
  const [one, other] = [telemetryWithLog().telemetry, telemetryWithLog().telemetry];
  const seen: string[] = [];
  one.subscribe("endpoint.disabled", () => seen.push("one"));
  other.subscribe("endpoint.disabled", () => seen.push("other"));
  one.publish("endpoint.disabled", () => disabled);
  expect(seen).toEqual(["one"]);
});

test("after the end nothing is heard and nothing is built", () => {
  const { telemetry } = telemetryWithLog();
  const build = vi.fn(() => disabled);
  const subscriber = vi.fn();
  telemetry.subscribe("endpoint.disabled", subscriber);
  telemetry.end();
  telemetry.publish("endpoint.disabled", build);
  expect(build).not.toHaveBeenCalled();
  expect(subscriber).not.toHaveBeenCalled();
});
