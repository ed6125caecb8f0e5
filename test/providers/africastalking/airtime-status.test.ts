import { describe, expect, test } from "vitest";
import { airtimeStatus } from "../../../src/providers/africastalking/airtime-status.ts";
import { saysByAirtimeStatus } from "../../../src/providers/africastalking/statuses.ts";
import { keyWith, readWith } from "../read-channel.ts";

const sent = {
  phoneNumber: "+254711330011",
  description: "Airtime Delivered Successfully",
  status: "Success",
  requestId: "ATQid_11aa22bb33",
  discount: "KES 0.6000",
  value: "KES 100.0000",
};

const read = (body: Record<string, unknown>) => readWith(airtimeStatus, body);

function finding(body: Record<string, unknown>) {
  const reading = read(body);
  if (reading.kind !== "evidence") throw new Error(JSON.stringify(reading));
  return reading.findings[0];
}

describe("Africa's Talking's airtime status", () => {
  test("a success names phone, exact amount and discount", () => {
    expect(finding(sent)).toEqual({
      kind: "airtime",
      says: "completed",
      refs: { request_id: "ATQid_11aa22bb33" },
      identity: ["request_id:ATQid_11aa22bb33"],
      result: { code: "Success", description: "Airtime Delivered Successfully" },
      amount: { minor: 10000n, currency: "KES" },
      phone: "+254711330011",
      details: { discount: "KES 0.6000" },
    });
  });

  test("the short old shape is enough", () => {
    expect(finding({ requestId: "ATQid_1", status: "Failed" })).toEqual({
      kind: "airtime",
      says: "failed",
      refs: { request_id: "ATQid_1" },
      identity: ["request_id:ATQid_1"],
      result: { code: "Failed", description: "Failed" },
      details: { failure_reason: "Failed" },
    });
  });

  test.each([
    ["UGX 1500.0000", 1500n, "UGX", "+256772330011"],
    ["TZS 2000.0000", 200000n, "TZS", "+255712330011"],
    ["RWF 500.0000", 500n, "RWF", "+250788330011"],
  ])("%s is exact in its own currency, and its phone in its own country", (value, minor, currency, phoneNumber) => {
    expect(finding({ ...sent, value, phoneNumber })).toMatchObject({ amount: { minor, currency }, phone: phoneNumber });
  });

  test.each(Object.entries(saysByAirtimeStatus))("the status %s says %s in any letter case", (status, says) => {
    expect(finding({ ...sent, status: status.toUpperCase() }).says).toBe(says);
  });

  test("an unknown status is kept and stays pending", () => {
    expect(finding({ ...sent, status: "Teleported" })).toMatchObject({
      says: "pending",
      result: { code: "Teleported" },
      details: { unknown_status: "Teleported" },
    });
  });

  test("missing fields are named, and only those", () => {
    expect(read({ value: "KES 5.00" })).toEqual({
      kind: "unreadable",
      problems: [
        { path: "requestId", message: "required" },
        { path: "status", message: "required" },
      ],
    });
    const reply = airtimeStatus.unreadable!([{ path: "requestId", message: "required" }]);
    expect(reply).toMatchObject({ status: 400, contentType: "application/problem+json" });
    expect(JSON.parse(reply.body)).toMatchObject({ status: 400, errors: [{ path: "requestId", message: "required" }] });
  });

  test("the requestId None is the id of nothing", () => {
    expect(read({ ...sent, requestId: "None" })).toMatchObject({
      kind: "unreadable",
      problems: [{ path: "requestId" }],
    });
    expect(keyWith(airtimeStatus, { ...sent, requestId: "None" })).toBeNull();
  });

  test("an amount that cannot be read exactly is a problem", () => {
    expect(read({ ...sent, value: "KES 0.0001" })).toMatchObject({ kind: "unreadable", problems: [{ path: "value" }] });
    expect(read({ ...sent, value: 100 })).toMatchObject({ kind: "unreadable", problems: [{ path: "value" }] });
  });

  test("each status of one request is news of its own", () => {
    const keys = ["Sent", "Success", "Failed"].map(status => keyWith(airtimeStatus, { ...sent, status }));
    expect(new Set(keys).size).toBe(3);
    expect(keyWith(airtimeStatus, { ...sent, description: "again" })).toBe(keyWith(airtimeStatus, sent));
  });

  test("the answer is a plain OK", () => {
    expect(airtimeStatus.accepted(sent)).toEqual({ status: 200, contentType: "text/plain", body: "OK" });
  });
});
