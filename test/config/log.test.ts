import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeLogger } from "../../src/app/log.ts";
import { scrub } from "../../src/telemetry/scrub.ts";

function logged(write: (log: ReturnType<typeof makeLogger>) => void): string {
  let text = "";
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  write(makeLogger({ level: "info", destination }));
  return text;
}

describe("a log line", () => {
  test("is one JSON object with the level's name and an RFC 3339 time", () => {
    const line = logged(log => log.info({ status: 200 }, "received"));
    expect(JSON.parse(line)).toMatchObject({ level: "info", status: 200, msg: "received" });
    expect(line.trimEnd()).not.toContain("\n");
    expect(JSON.parse(line).time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test.each([
    { authorization: "hush" },
    { headers: { Authorization: "hush", cookie: "hush" } },
    { connection: { credentials: { consumer_key: "hush", passkey: "hush" } } },
    { a: [{ clientSecret: "hush" }, { access_token: ["hush"] }] },
    { apiKey: "hush", key: "hush", "x-api-key": "hush", initiator_password: "hush", "webhook-signature": "hush" },
    { err: Object.assign(new Error("refused"), { detail: "hush", parameters: ["hush"] }) },
    { err: new Error("cannot reach postgres://hakika:hush@db:5432/hakika") },
    { path: "/in/daraja/hush/stk", url: "https://pay.example.com/in/kyanda/hush/ipn?x=1" },
    { text: "Authorization: Bearer hush", secretText: "whsec_hush" },
    { note: "whsec_hush" },
    { note: "the keys hk_2ahush and hka_hush" },
    { body: Buffer.from("hush") },
  ])("shows no secret: %j", fields => {
    expect(logged(log => log.info(fields))).not.toContain("hush");
    expect(logged(log => log.child(fields).info("x"))).not.toContain("hush");
  });

  test("shows every other field as it is, and leaves the caller's object as it is", () => {
    const fields = {
      transaction_id: "txn_1",
      tokens: 3,
      keys: ["a"],
      headers: { authorization: "x", host: "h" },
      at: new Date(0),
    };
    expect(JSON.parse(logged(log => log.info(fields)))).toMatchObject({
      transaction_id: "txn_1",
      tokens: 3,
      keys: ["a"],
      headers: { authorization: "[redacted]", host: "h" },
      at: "1970-01-01T00:00:00.000Z",
    });
    expect(fields.headers.authorization).toBe("x");
  });

  test("shows type, message, code and stack of an error, and an object that contains itself", () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const line = JSON.parse(
      logged(log => log.error({ err: Object.assign(new TypeError("no"), { code: "E1" }), loop })),
    );
    expect(line.err).toMatchObject({ type: "TypeError", message: "no", code: "E1" });
    expect(line.err.stack).toContain("log.test.ts");
  });

  test.each(["+254711222333", "254711222333", "0711222333", 254711222333])("shows no full phone number: %s", phone => {
    expect(logged(log => log.info({ text: `paid by ${phone}.`, phone }, `of ${phone}`))).not.toContain(String(phone));
    expect(logged(log => log.info(`of ${phone}`))).not.toContain(String(phone));
    expect(logged(log => log.error(new Error(`no ${phone}`)))).not.toContain(String(phone));
  });
});

describe("a logged callback URL", () => {
  test.each([
    ["/in/daraja/s3cr3t/c2b/validation", "/in/daraja/[token]/c2b/validation"],
    ["https://pay.example.com/in/daraja/s3cr3t/stk", "https://pay.example.com/in/daraja/[token]/stk"],
    ["POST /in/daraja/s3cr3t failed", "POST /in/daraja/[token] failed"],
    ["/IN//daraja//s3cr3t//stk", "/IN//daraja//[token]//stk"],
    ["/in/{provider}/{token}/{channel}", "/in/{provider}/{token}/{channel}"],
  ])("of %s is %s", (text, scrubbed) => {
    expect(scrub(text)).toBe(scrubbed);
  });

  test("never shows the token, whatever stands around it", () => {
    const token = "T0kenT0kenT0kenT0kenT0";
    const segment = fc.stringMatching(/^[a-z0-9%._~-]{1,12}$/);
    fc.assert(
      fc.property(segment, fc.array(segment), (provider, rest) => {
        expect(scrub(`/in/${provider}/${token}/${rest.join("/")}`)).not.toContain(token);
      }),
    );
  });
});

test("scrubbing a text without secrets changes nothing", () => {
  for (const text of ["", "received", "evt_0193b7c8d9e07a1b8c2d3e4f5a6b7c8d", "took 12 ms", "in/out"])
    expect(scrub(text)).toBe(text);
});
