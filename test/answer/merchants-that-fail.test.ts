import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { type Deadlines, deadlines } from "../../src/answer/deadlines.ts";
import type { Connection } from "../../src/connections/connection.ts";
import type { ConnectionSettings } from "../../src/connections/settings.ts";
import { type MerchantServer, merchantServer, ok } from "../egress/merchant-server.ts";
import { connection as newConnection } from "../support/fixtures.ts";
import { answerBundle } from "./answer-bundle.ts";

const bundle = answerBundle();

/** Short, so that merchants who never answer do not make these tests long. */
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
  "answers with a text that is no JSON": socket => socket.write(ok("yes, please")),
  "answers with values of the wrong types": socket => socket.write(ok('{"accept":"true","message":7}')),
  "answers nothing": socket => socket.write(ok("")),
  "answers endlessly": socket => socket.write(ok(`CON ${"a".repeat(100_000)}`)),
};

type Setup = { ask: (number: number) => Promise<string>; server: MerchantServer; clock: { ms: number } };

/** A connection that forwards to `server`. `bodyOf` makes a different question for each number. */
async function forwarding(
  server: MerchantServer,
  provider: string,
  settings: ConnectionSettings,
  channel: string,
  bodyOf: (number: number) => Record<string, unknown>,
): Promise<Setup> {
  const { connection, receiver } = await bundle.open(provider, settings, { deadlines: short });
  const ask = async (number: number) => (await receiver.post(connection, channel, bodyOf(number))).body;
  return { ask, server, clock: receiver.clock };
}

const channels: Record<string, { fallback: string; open: (server: MerchantServer) => Promise<Setup> }> = {
  "a C2B validation": {
    fallback: "C2B00016",
    open(server) {
      const settings = { c2b_validation: { mode: "forward", url: server.url, fallback: "reject" } } as const;
      const bodyOf = (number: number) => ({ TransID: `TKP4Q7V3${number}`, TransAmount: "5" });
      return forwarding(server, "daraja", settings, "c2b/validation", bodyOf);
    },
  },
  "an airtime validation": {
    fallback: "Failed",
    open(server) {
      const settings = { airtime_validation: { mode: "forward", url: server.url } } as const;
      const body = { phoneNumber: "+254711330021", currencyCode: "KES", amount: 5 };
      const bodyOf = (number: number) => ({ ...body, transactionId: `V${number}` });
      return forwarding(server, "africastalking", settings, "airtime/validation", bodyOf);
    },
  },
  "a USSD screen": {
    fallback: "END Come back tomorrow.",
    open(server) {
      const settings = { ussd: { mode: "forward", url: server.url, fallback: "END Come back tomorrow." } } as const;
      const body = { phoneNumber: "254711330021", serviceCode: "*860*30#", text: "" };
      const bodyOf = (number: number) => ({ ...body, sessionId: `S${number}` });
      return forwarding(server, "kyanda", settings, "ussd", bodyOf);
    },
  },
};

for (const [what, { fallback, open }] of Object.entries(channels)) {
  describe(`${what} whose merchant`, () => {
    for (const [how, answer] of Object.entries(giveNoAnswer)) {
      test(`${how} gets the fallback, and after ten failures the merchant is not asked`, async () => {
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
      test(`regression: ${how} gets the fallback, and the merchant is asked every time`, async () => {
        const { ask, server } = await open(await merchantServer(answer));
        for (let at = 1; at <= failuresMax + 2; at += 1) expect(await ask(at)).toContain(fallback);
        expect(server.requests).toHaveLength(failuresMax + 2);
      });
    }

    test("is at an address that may not be called gets the fallback", async () => {
      const { ask } = await open({ url: "http://169.254.169.254/latest" } as MerchantServer);
      expect(await ask(1)).toContain(fallback);
    });

    test("works again is asked by one call, and then by all", async () => {
      let works = false;
      const good = what === "a USSD screen" ? "END Here again." : '{"accept":true}';
      const { ask, server, clock } = await open(
        await merchantServer(socket => (works ? socket.write(ok(good)) : socket.destroy())),
      );
      for (let at = 1; at <= failuresMax + 1; at += 1) await ask(at);
      expect(server.requests).toHaveLength(failuresMax);
      clock.ms += 1_001;
      expect(await ask(20)).toContain(fallback);
      expect(await ask(21)).toContain(fallback);
      expect(server.requests).toHaveLength(failuresMax + 1);
      clock.ms += 2_001;
      works = true;
      expect(await ask(22)).not.toContain(fallback);
      expect(await ask(23)).not.toContain(fallback);
      expect(server.requests).toHaveLength(failuresMax + 3);
    });
  });
}

test("a merchant's failure opens the breaker of that connection and URL only", async () => {
  const failing = await merchantServer(socket => socket.destroy());
  const working = await merchantServer(socket => socket.write(ok("END Fine.")));
  const ussd = (url: string) => ({ ussd: { mode: "forward" as const, url } });
  const { sql, owner, connection: one, receiver } = await bundle.open("kyanda", ussd(failing.url));
  const two = await newConnection(sql, owner, { provider: "kyanda", settings: ussd(working.url) });
  const ask = async (connection: Connection, sessionId: string) =>
    (await receiver.post(connection, "ussd", { sessionId, phoneNumber: "254711330021", text: "" })).body;
  for (let number = 0; number <= failuresMax; number += 1) await ask(one, `S${number}`);
  expect(await ask(two, "S99")).toBe("END Fine.");
});
