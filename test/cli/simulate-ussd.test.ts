import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ussdGateway as africastalking } from "../../src/providers/africastalking/simulator/ussd-gateway.ts";
import { ussdGateway as kyanda } from "../../src/providers/kyanda/simulator/ussd-gateway.ts";
import { holdUssdConversation, type UssdConversation } from "../../src/simulator/play/ussd-conversation.ts";
import { merchantServer, ok } from "../egress/merchant-server.ts";

/** Answers the nth screen with the nth answer. */
async function callbackUrl(answers: string[]) {
  const left = [...answers];
  return merchantServer(socket => socket.write(ok(left.shift() ?? "OK")));
}

async function run(
  simulation: Omit<UssdConversation, "input" | "output">,
  typed = "",
): Promise<{ code: number; text: string }> {
  const input = new PassThrough();
  input.end(typed);
  const output = new PassThrough();
  const code = await holdUssdConversation({ ...simulation, input, output });
  output.end();
  return { code, text: (await output.toArray()).join("") };
}

const bodiesOf = (requests: string[]) => requests.map(request => request.split("\r\n\r\n")[1]!);

test("a scripted conversation is posted as Kyanda posts it, and shown as a phone shows it", async () => {
  const server = await callbackUrl(["CON Amount?\n1. Ten", "CON Sure?", "END Done"]);
  const { code, text } = await run({ gateway: kyanda, url: server.url, sessionId: "S1", script: ["1", "2"] });
  expect({ code, text }).toEqual({ code: 0, text: "Amount?\n1. Ten\n> Sure?\n> Done\n" });
  const common = { sessionId: "S1", phoneNumber: "254711330021", networkCode: "63902", serviceCode: "*860*30#" };
  expect(bodiesOf(server.requests).map(body => JSON.parse(body))).toEqual([
    { ...common, text: "" },
    { ...common, text: "*30*1" },
    { ...common, text: "*30*1*2" },
  ]);
});

test("a conversation typed at the terminal is posted as Africa's Talking posts it, its end too", async () => {
  const server = await callbackUrl(["CON Amount?", "END Done"]);
  const events = await callbackUrl(["OK"]);
  const { code, text } = await run(
    { gateway: africastalking, url: server.url, eventsUrl: events.url },
    "50\nnever read\n",
  );
  expect({ code, text }).toEqual({ code: 0, text: "Amount?\n> Done\n" });
  const [first, second] = bodiesOf(server.requests).map(body => Object.fromEntries(new URLSearchParams(body)));
  expect(first).toMatchObject({ phoneNumber: "+254711330021", serviceCode: "*384*71#", text: "" });
  expect(second).toMatchObject({ sessionId: first!.sessionId, text: "50" });
  const end = Object.fromEntries(new URLSearchParams(bodiesOf(events.requests)[0]));
  expect(end).toMatchObject({
    sessionId: first!.sessionId,
    status: "Success",
    hopsCount: "2",
    lastAppResponse: "END Done",
  });
});

test("who types no more hangs up, and the session is incomplete", async () => {
  const server = await callbackUrl(["CON Amount?"]);
  const events = await callbackUrl(["OK"]);
  const { code, text } = await run({ gateway: africastalking, url: server.url, eventsUrl: events.url });
  expect({ code, text }).toEqual({ code: 0, text: "Amount?\n> (hung up)\n" });
  expect(bodiesOf(events.requests)[0]).toContain("status=Incomplete");
});

test("each screen is a line of JSON where that is asked for", async () => {
  const server = await callbackUrl(["CON Amount?", "END Done"]);
  const { code, text } = await run({ gateway: kyanda, url: server.url, script: ["50"], json: true });
  expect(code).toBe(0);
  expect(
    text
      .trim()
      .split("\n")
      .map(line => JSON.parse(line)),
  ).toMatchObject([
    { hop: 1, input: "", answer: "CON Amount?", message: "Amount?", end: false },
    { hop: 2, input: "50", answer: "END Done", message: "Done", end: true },
  ]);
});

test("an answer that a gateway would break off at ends with 1", async () => {
  const { code, text } = await run({ gateway: kyanda, url: (await callbackUrl(["Hello"])).url, script: [] });
  expect({ code, text }).toEqual({ code: 1, text: "The gateway would break this session off: status 200, Hello\n" });
  const unreachable = await run({ gateway: kyanda, url: "http://127.0.0.1:1/", script: [] });
  expect(unreachable).toMatchObject({ code: 1, text: expect.stringContaining("could not be reached") });
});
