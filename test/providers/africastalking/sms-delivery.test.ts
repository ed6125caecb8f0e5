import { describe, expect, test } from "vitest";
import { smsDelivery } from "../../../src/providers/africastalking/sms-delivery.ts";
import { saysBySmsStatus } from "../../../src/providers/africastalking/statuses.ts";
import { keyWith, readWith } from "../read-channel.ts";

const delivered = {
  id: "ATXid_77aa88bb99",
  status: "Success",
  phoneNumber: "+254711330011",
  networkCode: "63902",
  retryCount: "0",
};

const read = (body: Record<string, unknown>) => readWith(smsDelivery, body);

function finding(body: Record<string, unknown>) {
  const reading = read(body);
  if (reading.kind !== "evidence") throw new Error(JSON.stringify(reading));
  return reading.findings[0];
}

describe("Africa's Talking's SMS delivery report", () => {
  test("a delivery is one completed message", () => {
    expect(finding(delivered)).toEqual({
      kind: "sms",
      says: "completed",
      refs: { message_id: "ATXid_77aa88bb99" },
      identity: ["message_id:ATXid_77aa88bb99"],
      result: { code: "Success", description: "Success" },
      phone: "+254711330011",
      details: { network_code: "63902", retry_count: "0" },
    });
  });

  test("a failure gives its reason", () => {
    expect(finding({ ...delivered, status: "Rejected", failureReason: "UserInBlackList" })).toMatchObject({
      says: "failed",
      result: { code: "Rejected", description: "UserInBlackList" },
      details: { failure_reason: "UserInBlackList" },
    });
  });

  test.each(Object.entries(saysBySmsStatus))("the status %s says %s in any letter case", (status, says) => {
    expect(finding({ ...delivered, status: status.toUpperCase() }).says).toBe(says);
  });

  test("an unknown status is kept and stays pending", () => {
    expect(finding({ ...delivered, status: "Read" })).toMatchObject({
      says: "pending",
      details: { unknown_status: "Read" },
    });
  });

  test("missing fields are named", () => {
    expect(read({ phoneNumber: "+254711330011" })).toMatchObject({ problems: [{ path: "id" }, { path: "status" }] });
  });

  test("each status of one message is news of its own", () => {
    const keys = ["Sent", "Buffered", "Success"].map(status => keyWith(smsDelivery, { ...delivered, status }));
    expect(new Set(keys).size).toBe(3);
  });
});
