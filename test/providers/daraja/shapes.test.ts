import { expect, test } from "vitest";
import type { Finding } from "../../../src/domain/evidence.ts";
import { daraja } from "../../../src/providers/daraja/daraja.ts";
import { bareConnection } from "../read-channel.ts";
import { loadSpecimens } from "../specimen.ts";
import { callbackOf } from "../specimen-callback.ts";

const specimens = new Map(loadSpecimens("daraja").map(specimen => [specimen.name, specimen]));
const ethiopian = { ...bareConnection, settings: { country: "ET" } };

function bodyOf(name: string) {
  return specimens.get(name)!.body as Record<string, unknown>;
}

function read(name: string, channel = specimens.get(name)!.channel, connection = bareConnection) {
  return daraja.channels[channel]!.read(bodyOf(name), callbackOf(specimens.get(name)!), connection);
}

function findingOf(name: string, connection = bareConnection): Finding {
  const reading = read(name, undefined, connection);
  if (reading.kind !== "evidence") throw new Error(`${name} is no evidence`);
  return reading.findings[0];
}

const claimed = (name: string) =>
  Object.entries(daraja.channels).flatMap(([channel, { recognizes }]) => (recognizes?.(bodyOf(name)) ? channel : []));

test("regression: a B2B Express callback at the URL of results is no payout, and its own channel claims it", () => {
  expect(read("b2b-express-paid", "result").kind).toBe("unreadable");
  expect(read("b2b-express-paid", "timeout").kind).toBe("unreadable");
  expect(claimed("b2b-express-paid")).toEqual(["b2b/express"]);
  expect(findingOf("b2b-express-paid")).toMatchObject({ kind: "payment", says: "completed" });
});

test("a C2B body belongs to the confirmation's channel, whichever of both it came to", () => {
  expect(claimed("c2b-validation")).toEqual(["c2b/confirmation"]);
  expect(read("c2b-validation").kind).toBe("ignored");
});

test("a payment, its validation and a bill say which short code was paid", () => {
  const receiver = (channel: string, body: Record<string, unknown>) => daraja.channels[channel]!.receiver?.(body);
  expect(receiver("c2b/confirmation", { BusinessShortCode: 600984 })).toEqual({
    path: "BusinessShortCode",
    value: "600984",
  });
  expect(receiver("c2b/validation", { businessshortcode: " 600984 " })).toEqual({
    path: "BusinessShortCode",
    value: "600984",
  });
  expect(receiver("bill", { shortCode: "600984" })).toEqual({ path: "shortCode", value: "600984" });
  expect(receiver("bill", {})).toBeNull();
  expect(daraja.receiver).toEqual(["shortcode"]);
});

test("regression: a payment to an Ethiopian connection is ETB, never KES", () => {
  const names = ["stk-paid", "c2b-pay-bill", "result-b2c", "result-transaction-status", "b2b-express-paid", "bill"];
  for (const name of names) expect(findingOf(name, ethiopian).amount?.currency, name).toBe("ETB");
});

test("an amount of a connection whose country is none is no money", () => {
  const reading = read("c2b-pay-bill", undefined, { ...bareConnection, settings: { country: "QQ" } });
  expect(reading).toMatchObject({ kind: "unreadable", problems: [{ path: "TransAmount" }] });
});

test("a bill and the confirmation of its money are one payment", () => {
  const confirmation = daraja.channels["c2b/confirmation"]!.read(
    { ...bodyOf("c2b-pay-bill"), TransID: "TKB4R7W2NZ" },
    callbackOf(specimens.get("c2b-pay-bill")!),
    bareConnection,
  );
  expect(confirmation.kind === "evidence" && confirmation.findings[0].identity).toEqual(findingOf("bill").identity);
});
