import { expect, test } from "vitest";
import type { Finding } from "../../../src/domain/evidence.ts";
import { daraja } from "../../../src/providers/daraja/daraja.ts";
import { readWith } from "../read-channel.ts";
import { loadSpecimens } from "../specimen.ts";

const specimens = new Map(loadSpecimens("daraja").map(specimen => [specimen.name, specimen]));

function findingOf(name: string): Finding {
  const specimen = specimens.get(name)!;
  const reading = readWith(daraja.channels[specimen.channel]!, specimen.body as Record<string, unknown>);
  if (reading.kind !== "evidence") throw new Error(`${name} is no evidence`);
  return reading.findings[0];
}

const shared = (one: string, other: string) => {
  const texts = new Set(findingOf(other).identity);
  return findingOf(one).identity.filter(text => texts.has(text));
};

test("a push and the C2B confirmation of its money are one payment, of one amount", () => {
  expect(shared("stk-paid", "c2b-of-a-push")).toEqual(["receipt:TJIKQ7V33N"]);
  expect(findingOf("stk-paid").amount).toEqual(findingOf("c2b-of-a-push").amount);
});

test("a transaction status answer is not the payment it is about", () => {
  const answer = findingOf("result-transaction-status");
  expect(answer.refs.receipt).toBe(findingOf("result-b2c").refs.receipt);
  expect(shared("result-transaction-status", "result-b2c")).toEqual([]);
});

test("a reversal is not the payment it gives back", () => {
  const [reversal, payment] = [findingOf("result-reversal"), findingOf("c2b-pay-bill")];
  expect(reversal.reverses).toBe(payment.refs.receipt);
  expect(shared("result-reversal", "c2b-pay-bill")).toEqual([]);
  expect(shared("result-reversal: its own receipt is never the one it gives back", "c2b-pay-bill")).toEqual([]);
});

test("a time-out and the result that comes after all are about one transaction", () => {
  const { conversation_id, originator_conversation_id } = findingOf("timeout").refs;
  const late = {
    Result: {
      ResultType: 0,
      ResultCode: 0,
      ConversationID: conversation_id,
      OriginatorConversationID: originator_conversation_id,
    },
  };
  const reading = readWith(daraja.channels.result!, late);
  expect(reading.kind === "evidence" && reading.findings[0].identity).toEqual(findingOf("timeout").identity);
});

test("a body nested without end is accepted by Daraja's channels, as every object is", () => {
  const telling = Object.values(daraja.channels).filter(channel => !channel.decision);
  const deep = JSON.parse(`${'{"Result":'.repeat(100_000)}1${"}".repeat(100_000)}`) as Record<string, unknown>;
  for (const channel of telling) {
    expect(readWith(channel, deep).kind).toBe("unreadable");
    expect(channel.unreadable).toBeNull();
    expect(channel.accepted(deep).status).toBe(200);
  }
});
