import { describe, expect, test } from "vitest";
import type { AnswerDeps } from "../../src/answer/answer-context.ts";
import { deadlines as builtIn } from "../../src/answer/deadlines.ts";
import { findSession } from "../../src/answer/ussd/sessions-store.ts";
import type { Connection } from "../../src/connections/connection.ts";
import type { UssdSettings } from "../../src/connections/ussd-settings.ts";
import { merchantServer, ok } from "../egress/merchant-server.ts";
import { eventBodiesOf } from "../support/stored-personal.ts";
import { answerBundle, type TestReceiver, testReceiver } from "./answer-bundle.ts";
import { exampleMenu } from "./example-menu.ts";

const bundle = answerBundle();

type Gateway = "kyanda" | "africastalking";
const phone = "254711330021";
/** The gateway's request for the next screen, after `typed`. */
const bodies: Record<Gateway, (sessionId: string, typed: string[]) => unknown> = {
  kyanda: (sessionId, typed) => {
    const text = typed.length === 0 ? "" : `*30*${typed.join("*")}`;
    return { sessionId, phoneNumber: phone, networkCode: "63902", serviceCode: "*860*30#", text };
  },
  africastalking: (sessionId, typed) =>
    `sessionId=${sessionId}&phoneNumber=+${phone}&networkCode=63902&serviceCode=*384*71%23&text=${typed.join("*")}`,
};

async function open(gateway: Gateway, ussd?: UssdSettings, deps: Partial<AnswerDeps> = {}) {
  const setup = await bundle.open(gateway, ussd && { ussd }, deps);
  const dial = (typed: string[], sessionId = "S1") => screen(setup.receiver, setup.connection, sessionId, typed);
  return { ...setup, dial };
}

async function screen(
  receiver: TestReceiver,
  connection: Connection,
  sessionId: string,
  typed: string[],
): Promise<string> {
  const reply = await receiver.post(connection, "ussd", bodies[connection.provider as Gateway](sessionId, typed));
  expect(reply).toMatchObject({ status: 200, contentType: "text/plain" });
  return reply.body;
}

for (const gateway of ["kyanda", "africastalking"] as const) {
  describe(`a USSD session at ${gateway}`, () => {
    test("walks the example menu to its end, and is listed with its hops", async () => {
      const { sql, connection, receiver, dial } = await open(gateway, { mode: "menu", menu: exampleMenu });
      expect(await dial([])).toBe("CON What would you want to check\n1. My Account\n2. My phone number");
      expect(await dial(["7"])).toBe("CON What would you want to check\n1. My Account\n2. My phone number");
      expect(await dial(["7", "1"])).toMatch(/^CON Choose account information/);
      expect(await dial(["7", "1", "0"])).toMatch(/^CON What would you/);
      expect(await dial(["7", "1", "0", "1"])).toMatch(/^CON Choose/);
      expect(await dial(["7", "1", "0", "1", "1"])).toBe("END Your account number is ACC1001");
      expect(receiver.decisions.map(decision => decision.answer.by)).toEqual(Array(6).fill("rule"));
      await receiver.store();
      const [session] = await sql`select * from ussd_sessions where connection_id = ${connection.id}`;
      expect(session).toMatchObject({ session_id: "S1", phone: null, state: "ended", ended_by: "answer" });
      const stored = await findSession(sql, { ...connection, id: session!.id });
      expect(stored!.phone).toBe(`+${phone}`);
      expect(stored!.hops.map(hop => hop.input)).toEqual(["", "7", "1", "0", "1", "1"]);
      expect(new Set(stored!.hops.map(hop => hop.answeredBy))).toEqual(new Set(["menu"]));
    });

    test("forwards each hop in one shape, and shows the merchant's answer", async () => {
      const said = [
        '{"message":"Amount?","end":false}',
        "CON Sure?\n1. Yes",
        '{"message":"Done – asante 🙏","end":true}',
      ];
      const server = await merchantServer(socket => socket.write(ok(said.shift())));
      const { connection, dial } = await open(gateway, { mode: "forward", url: server.url });
      expect(await dial([])).toBe("CON Amount?");
      expect(await dial(["50"])).toBe("CON Sure?\n1. Yes");
      expect(await dial(["50", "1"])).toBe("END Done - asante");
      const forwarded = server.requests.map(
        request => JSON.parse(request.split("\r\n\r\n")[1]!) as { type: string; data: unknown },
      );
      const common = {
        session_id: "S1",
        phone: `+${phone}`,
        service_code: gateway === "kyanda" ? "*860*30#" : "*384*71#",
        network_code: "63902",
      };
      expect(forwarded).toEqual([
        { type: "ussd.input", data: { ...common, text: "", input: "", inputs: [], is_new: true, hop: 1 } },
        { type: "ussd.input", data: { ...common, text: "50", input: "50", inputs: ["50"], is_new: false, hop: 2 } },
        {
          type: "ussd.input",
          data: { ...common, text: "50*1", input: "1", inputs: ["50", "1"], is_new: false, hop: 3 },
        },
      ]);
      expect(server.requests[0]).toMatch(/webhook-signature: v1,/i);
      expect(connection.forwardSecret).toMatch(/^whsec_/);
    });
  });
}

describe("a USSD answer", () => {
  test("of more than 182 characters is not sent, of more than 160 with a warning", async () => {
    const said = ["a".repeat(161), "b".repeat(183)];
    const server = await merchantServer(socket =>
      socket.write(ok(JSON.stringify({ message: said.shift(), end: false }))),
    );
    const { sql, connection, receiver, dial } = await open("kyanda", {
      mode: "forward",
      url: server.url,
      fallback: "END Too much.",
    });
    expect(await dial([])).toBe(`CON ${"a".repeat(161)}`);
    expect(await dial(["1"])).toBe("END Too much.");
    await receiver.store();
    const hops = await sql`
      select h.answered_by, h.warning from ussd_hops h join ussd_sessions s on s.id = h.session
      where s.connection_id = ${connection.id} order by hop`;
    expect(hops[0]).toEqual({
      answered_by: "merchant",
      warning: "the message has 161 characters; Safaricom shows 160",
    });
    expect(hops[1]).toEqual({
      answered_by: "fallback",
      warning: "the message has 183 characters; at most 182 are shown",
    });
  });

  test("is an END where the connection has no settings for it", async () => {
    for (const settings of [undefined, { mode: "menu" }, { mode: "forward" }] as const) {
      const { dial } = await open("africastalking", settings);
      expect(await dial([])).toMatch(/^END The service is not available/);
    }
  });

  test("to an unreadable body is the fallback at Kyanda, and 400 at Africa's Talking", async () => {
    const ussd = { mode: "menu", menu: exampleMenu, fallback: "END Sorry." } as const;
    const one = await open("kyanda", ussd);
    expect((await one.receiver.post(one.connection, "ussd", { text: "" })).body).toBe("END Sorry.");
    expect((await one.receiver.post(one.connection, "ussd", "nothing of use")).status).toBe(400);
    const two = await open("africastalking", ussd);
    expect((await two.receiver.post(two.connection, "ussd", "sessionId=S1&text=")).status).toBe(400);
    expect([...one.receiver.decisions, ...two.receiver.decisions].every(decision => decision.quarantine !== null)).toBe(
      true,
    );
  });
});

describe("a copy of a hop", () => {
  test("gets its stored answer, in this process and in another", async () => {
    let count = 0;
    const server = await merchantServer(socket => socket.write(ok(`CON Screen ${++count}`)));
    const { sql, connection, receiver, dial } = await open("africastalking", { mode: "forward", url: server.url });
    expect(await dial([])).toBe("CON Screen 1");
    expect(await dial(["1"])).toBe("CON Screen 2");
    expect(await dial([])).toBe("CON Screen 1");
    await receiver.store();
    const elsewhere = testReceiver(sql);
    expect(await screen(elsewhere, connection, "S1", [])).toBe("CON Screen 1");
    expect(await screen(elsewhere, connection, "S1", ["1"])).toBe("CON Screen 2");
    expect(elsewhere.decisions.map(decision => decision.answer.by)).toEqual(["merchant", "merchant"]);
    expect(server.requests).toHaveLength(2);
  });

  test("that two processes receive at once is answered by one, and both send its answer", async () => {
    let count = 0;
    const server = await merchantServer(socket => socket.write(ok(`CON Screen ${++count}`)));
    const { sql, connection, receiver, dial } = await open("kyanda", { mode: "forward", url: server.url });
    const elsewhere = testReceiver(sql);
    const answers = await Promise.all([dial([]), screen(elsewhere, connection, "S1", []), dial([])]);
    expect(answers).toEqual(["CON Screen 1", "CON Screen 1", "CON Screen 1"]);
    expect(server.requests).toHaveLength(1);
    await Promise.all([receiver.store(), elsewhere.store()]);
  });

  test("is answered again where the process that claimed the hop died", async () => {
    const server = await merchantServer(socket => socket.write(ok("CON Hello")));
    const { sql, connection, receiver, dial } = await open("kyanda", { mode: "forward", url: server.url });
    await dial([]);
    await receiver.store();
    await sql`
      update ussd_hops set answer = null, answered_by = null, claimed_at = now() - interval '11 seconds'
      where session = (select id from ussd_sessions where connection_id = ${connection.id})`;
    expect(await screen(testReceiver(sql), connection, "S1", [])).toBe("CON Hello");
    const ids = server.requests.map(request => /webhook-id: (\S+)/i.exec(request)![1]);
    expect(ids).toEqual([ids[0], ids[0]]);
  });
});

test("200 sessions at once, each hop posted to two processes: subscribers see their own screens, the merchant each hop once", async () => {
  const server = await merchantServer((socket, request) => {
    const { data } = JSON.parse(request.split("\r\n\r\n")[1]!) as { data: { session_id: string; inputs: string[] } };
    const end = data.inputs.length === 3;
    socket.write(ok(JSON.stringify({ message: `${data.session_id}: ${data.inputs.join(" then ") || "hello"}`, end })));
  });
  const { sql, connection } = await open("africastalking", { mode: "forward", url: server.url });
  // For all of them, a busy machine takes longer than one subscriber waits.
  const patient = { totalMs: 25_000, lookUpMs: 20_000, earlierAnswerMs: 20_000, merchantMs: 20_000 };
  const deadlines = { ...builtIn, "ussd.input": patient };
  const receivers = [testReceiver(sql, { deadlines }), testReceiver(sql, { deadlines })];

  await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      const [sessionId, typed] = [`S${at}`, [`${at}`, "1", "2"]];
      for (let hop = 0; hop <= 3; hop += 1) {
        const inputs = typed.slice(0, hop);
        const answers = await Promise.all(receivers.map(each => screen(each, connection, sessionId, inputs)));
        const expected = `${hop === 3 ? "END" : "CON"} ${sessionId}: ${inputs.join(" then ") || "hello"}`;
        expect(answers).toEqual([expected, expected]);
      }
    }),
  );

  expect(server.requests).toHaveLength(800);
  for (const each of receivers) await each.store();
  const [row] = await sql`
    select count(distinct s.id)::int as sessions, count(*)::int as hops,
      count(*) filter (where s.state = 'ended')::int as ended
    from ussd_sessions s join ussd_hops h on h.session = s.id where s.connection_id = ${connection.id}`;
  expect(row).toEqual({ sessions: 200, hops: 800, ended: 800 });
  const events = await eventBodiesOf(sql, connection.merchantId);
  expect(events).toHaveLength(200);
  for (const { data } of events) expect(data.session.hops).toHaveLength(4);
});
