import { expect, test } from "vitest";
import type { ProviderCall } from "../../../src/providers/call.ts";
import { status } from "../../../src/providers/daraja/status.ts";
import { answerOf, questionOf } from "../poll-over-http.ts";

const accepted = { ResponseCode: "0", ConversationID: "AG_20251018_7", OriginatorConversationID: "7134-1" };
const push = { kind: "stk_push", refs: { checkout_request_id: "ws_CO_1" } } as const;

async function asked(over: Partial<Parameters<typeof questionOf>[0]>) {
  const calls: ProviderCall[] = [];
  const answer = await status.poll(questionOf({ ...push, ...over }), async call => {
    calls.push(call);
    return answerOf(200, accepted);
  });
  return { answer, path: calls[0]!.path, body: JSON.parse(calls[0]!.body!) as Record<string, unknown> };
}

test("a push whose receipt is in doubt is asked about by the receipt, for the STK query names no amount", async () => {
  const { answer, path, body } = await asked({ receiptInDoubt: "TJIKQ7V33N" });
  expect(path).toBe("/mpesa/transactionstatus/v1/query");
  expect(body.TransactionID).toBe("TJIKQ7V33N");
  expect(answer.kind).toBe("deferred");
});

test("without an initiator, and without a doubt, a push is queried as ever", async () => {
  const withoutInitiator = await asked({ receiptInDoubt: "TJIKQ7V33N", credentials: { initiator_name: "" } });
  expect(withoutInitiator.path).toBe("/mpesa/stkpushquery/v1/query");
  expect((await asked({})).path).toBe("/mpesa/stkpushquery/v1/query");
});

test("the receipt in doubt goes before the transaction's own", async () => {
  const { body } = await asked({ kind: "c2b", refs: { receipt: "TJI0000001" }, receiptInDoubt: "TJIKQ7V33N" });
  expect(body.TransactionID).toBe("TJIKQ7V33N");
});
