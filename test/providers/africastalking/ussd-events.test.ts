import { describe, expect, test } from "vitest";
import { ussdEvents } from "../../../src/providers/africastalking/ussd-events.ts";
import { readWith } from "../read-channel.ts";

const ended = {
  date: "2026-04-15 10:11:12",
  sessionId: "ATUid_55cc66dd77",
  serviceCode: "*384*71#",
  networkCode: "63902",
  phoneNumber: "+254711330011",
  status: "Incomplete",
  cost: "KES 0.1000",
  durationInMillis: "12345",
  hopsCount: "3",
  input: "1*2",
  lastAppResponse: "CON Amount?",
  errorMessage: "Session timed out",
};

const read = (body: Record<string, unknown>) => readWith(ussdEvents, body);

describe("Africa's Talking's USSD session end", () => {
  test("it is a message that settles nothing", () => {
    expect(read(ended)).toEqual({
      kind: "message",
      messages: [
        {
          type: "ussd.session_ended",
          payload: {
            session_id: "ATUid_55cc66dd77",
            service_code: "*384*71#",
            network_code: "63902",
            phone: "+254711330011",
            status: "Incomplete",
            cost: "KES 0.1000",
            duration_ms: 12345,
            hops_count: 3,
            input: "1*2",
            last_response: "CON Amount?",
            error: "Session timed out",
          },
        },
      ],
    });
  });

  test("a session id is enough, and what cannot be read is null", () => {
    const payload = { duration_ms: null, hops_count: null, phone: null, status: null, error: null };
    expect(read({ sessionId: "S1", durationInMillis: "soon", hopsCount: "-1", phoneNumber: "masked" })).toMatchObject({
      messages: [{ payload: { session_id: "S1", ...payload } }],
    });
  });

  test("without a session id it is refused by name", () => {
    expect(read({ ...ended, sessionId: " " })).toEqual({
      kind: "unreadable",
      problems: [{ path: "sessionId", message: "required" }],
    });
  });
});
