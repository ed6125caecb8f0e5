import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Deadlines, deadlines } from "../../src/answer/deadlines.ts";
import { type MerchantServer, merchantServer, ok } from "../egress/merchant-server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant } from "../support/fixtures.ts";
import { answerRoom } from "./answer-bundle.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** Short ones: a merchant that never answers must not make these tests long. */
const short = Object.fromEntries(
  Object.entries(deadlines).map(([type, deadline]) => [type, { ...deadline, totalMs: 1500, merchantMs: 150 }]),
) as Deadlines;

const failuresMax = 10;

type Fails = Record<string, (socket: Socket) => void>;

const giveNoAnswer: Fails = {
  "never answers": () => {},
  "sends its answer byte by byte, for ever": socket => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    const drip = setInterval(() => socket.write("a"), 5);
    socket.on("close", () => clearInterval(drip));
  },
  "hangs up": socket => socket.destroy(),
};

const answerWrongly: Fails = {
  "answers 500": socket => socket.write('HTTP/1.1 500 Oh\r\ncontent-length: 15\r\n\r\n{"accept":true}'),
  "answers with a redirect": socket =>
    socket.write("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"),
  "answers in words of its own": socket => socket.write(ok("yes, please")),
  "answers with a truth that is none": socket => socket.write(ok('{"accept":"true","message":7}')),
  "answers nothing": socket => socket.write(ok("")),
  "answers endlessly": socket => socket.write(ok(`CON ${"a".repeat(100_000)}`)),
};

type Shop = { ask: (number: number) => Promise<string>; server: MerchantServer; clock: { ms: number } };

const channels: Record<string, { fallback: string; open: (server: MerchantServer) => Promise<Shop> }> = {
  "a C2B validation": {
    fallback: "C2B00016",
    open: async server => {
      const { sql } = database;
      const settings = { c2b_validation: { mode: "forward", url: server.url, fallback: "reject" } } as const;
      const duka = await connection(sql, await merchant(sql), { settings });
      const room = answerRoom(sql, { deadlines: short });
      const ask = async (at: number) =>
        (await room.post(duka, "c2b/validation", { TransID: `TKP4Q7V3${at}`, TransAmount: "5" })).body;
      return { ask, server, clock: room.clock };
    },
  },
  "an airtime validation": {
    fallback: "Failed",
    open: async server => {
      const { sql } = database;
      const settings = { airtime_validation: { mode: "forward", url: server.url } } as const;
      const duka = await connection(sql, await merchant(sql), { provider: "africastalking", settings });
      const room = answerRoom(sql, { deadlines: short });
      const body = { phoneNumber: "+254711330021", currencyCode: "KES", amount: 5 };
      const ask = async (at: number) =>
        (await room.post(duka, "airtime/validation", { ...body, transactionId: `V${at}` })).body;
      return { ask, server, clock: room.clock };
    },
  },
  "a USSD screen": {
    fallback: "END Come back tomorrow.",
    open: async server => {
      const { sql } = database;
      const settings = { ussd: { mode: "forward", url: server.url, fallback: "END Come back tomorrow." } } as const;
      const duka = await connection(sql, await merchant(sql), { provider: "kyanda", settings });
      const room = answerRoom(sql, { deadlines: short });
      const body = { phoneNumber: "254711330021", serviceCode: "*860*30#", text: "" };
      const ask = async (at: number) => (await room.post(duka, "ussd", { ...body, sessionId: `S${at}` })).body;
      return { ask, server, clock: room.clock };
    },
  },
};

for (const [what, { fallback, open }] of Object.entries(channels)) {
  describe(`${what} whose merchant`, () => {
    for (const [how, answer] of Object.entries(giveNoAnswer)) {
      test(`${how} gets the fallback, and the merchant is left alone after ten times`, async () => {
        const { ask, server } = await open(await merchantServer(answer));
        const askAll = (from: number, count: number) =>
          Promise.all(Array.from({ length: count }, (_, at) => ask(from + at)));
        for (const got of await askAll(100, failuresMax)) expect(got).toContain(fallback);
        const asked = server.connections.length + server.requests.length;
        for (const got of await askAll(200, 3)) expect(got).toContain(fallback);
        expect(server.connections.length + server.requests.length).toBe(asked);
      });
    }

    for (const [how, answer] of Object.entries(answerWrongly)) {
      test(`${how} gets the fallback, and the merchant is asked again all the same`, async () => {
        const { ask, server } = await open(await merchantServer(answer));
        for (let at = 1; at <= failuresMax + 2; at += 1) expect(await ask(at)).toContain(fallback);
        expect(server.requests).toHaveLength(failuresMax + 2);
      });
    }

    test("is at an address that may not be called gets the fallback", async () => {
      const { ask } = await open({ url: "http://169.254.169.254/latest" } as MerchantServer);
      expect(await ask(1)).toContain(fallback);
    });

    test("comes back is asked again by one, then by all", async () => {
      let well = false;
      const good = what === "a USSD screen" ? "END Here again." : '{"accept":true}';
      const { ask, server, clock } = await open(
        await merchantServer(socket => (well ? socket.write(ok(good)) : socket.destroy())),
      );
      for (let at = 1; at <= failuresMax + 1; at += 1) await ask(at);
      expect(server.requests).toHaveLength(failuresMax);
      clock.ms += 1_001;
      expect(await ask(20)).toContain(fallback);
      expect(await ask(21)).toContain(fallback);
      expect(server.requests).toHaveLength(failuresMax + 1);
      clock.ms += 2_001;
      well = true;
      expect(await ask(22)).not.toContain(fallback);
      expect(await ask(23)).not.toContain(fallback);
      expect(server.requests).toHaveLength(failuresMax + 3);
    });
  });
}

test("a merchant's failure opens the breaker of that connection and URL only", async () => {
  const { sql } = database;
  const bad = await merchantServer(socket => socket.destroy());
  const good = await merchantServer(socket => socket.write(ok("END Fine.")));
  const owner = await merchant(sql);
  const ussd = (url: string) => ({ ussd: { mode: "forward" as const, url } });
  const [one, two] = await Promise.all([
    connection(sql, owner, { provider: "kyanda", settings: ussd(bad.url) }),
    connection(sql, owner, { provider: "kyanda", settings: ussd(good.url) }),
  ]);
  const room = answerRoom(sql);
  const ask = async (duka: typeof one, sessionId: string) =>
    (await room.post(duka, "ussd", { sessionId, phoneNumber: "254711330021", text: "" })).body;
  for (let at = 0; at <= failuresMax; at += 1) await ask(one, `S${at}`);
  expect(await ask(two, "S99")).toBe("END Fine.");
});
