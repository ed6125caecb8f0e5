import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../src/console/console.ts";
import { safeNext } from "../../src/console/session/sign-in.tsx";
import { createFailureLimit } from "../../src/console/session/sign-in-limit.ts";
import { connectDrizzle } from "../../src/database/connect.ts";
import { type Program, runProgram } from "../support/program.ts";
import { browser, signedIn } from "./browser.ts";

let program: Program;
beforeAll(async () => {
  program = await runProgram(undefined, { HAKIKA_TRUSTED_PROXIES: "127.0.0.0/8" });
});
afterAll(() => program.stop());

describe("signing in", () => {
  it("is required without a session, and leads to the page that was asked for", async () => {
    const visitor = browser(program.url);
    expect((await visitor.get("/")).headers.get("location")).toBe("/console/login");
    const asked = await visitor.get("/console/transactions?status=failed");
    expect(asked.headers.get("location")).toBe("/console/login?next=%2Fconsole%2Ftransactions%3Fstatus%3Dfailed");
    const form = await visitor.get(asked.headers.get("location")!);
    expect([form.status, form.text]).toEqual([200, expect.stringContaining('type="password"')]);
    const done = await visitor.send(asked.headers.get("location")!, { key: program.adminKey });
    expect([done.status, done.headers.get("location")]).toEqual([303, "/console/transactions?status=failed"]);
    expect((await visitor.get("/console/transactions?status=failed")).status).toBe(200);
  });

  it("accepts the admin key and a merchant's key, and no other", async () => {
    const merchant = await program.newMerchant("Duka");
    for (const key of [program.adminKey, merchant.key]) {
      expect((await (await signedIn(program.url, key)).get("/")).status).toBe(200);
    }
    for (const key of ["", "hk_00", `${program.adminKey}x`, "two words", "\r\nx: y"]) {
      const visitor = browser(program.url);
      const { status, set } = await visitor.send("/console/login", { key });
      expect([status, set], key).toEqual([401, null]);
    }
  });

  it("keeps a random id in a cookie that scripts cannot read and other sites do not send", async () => {
    const visitor = browser(program.url);
    const { set } = await visitor.send("/console/login", { key: program.adminKey });
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Strict/);
    expect(set).toMatch(/Path=\//);
    expect(set).not.toContain(program.adminKey);
    expect(visitor.cookie()).toMatch(/^hakika_session=00[0-9a-f]{64}$/);
    const rows = await program.sql`select * from console_sessions`;
    expect(JSON.stringify(rows)).not.toContain(visitor.cookie().slice(-64));
  });

  it("rejects a cookie that was changed or made up", async () => {
    const visitor = await signedIn(program.url, program.adminKey);
    const good = visitor.cookie();
    for (const bad of [
      good.slice(0, -2),
      `${good}A`,
      good.replace("session=00", "session=01"),
      `hakika_session=00${"0".repeat(64)}`,
      "hakika_session=",
      "hakika_session=%00",
    ]) {
      visitor.takeCookie(bad);
      expect((await visitor.get("/")).headers.get("location"), bad).toBe("/console/login");
    }
  });

  it("takes an operator's key, and shows what its role allows", async () => {
    const { json } = await program.call("POST", "/v1/operators", { name: "Wanjiru", role: "viewer" });
    const visitor = await signedIn(program.url, json.key);
    const page = await visitor.get("/console/transactions");
    expect([page.status, page.text]).toEqual([200, expect.stringContaining("Wanjiru (viewer)")]);
    await program.call("DELETE", `/v1/operators/${json.id}`);
    expect((await visitor.get("/")).headers.get("location")).toBe("/console/login");
  });

  it("ends after 30 idle minutes, and after 12 hours whatever was done", async () => {
    for (const column of ["last_seen_at", "created_at"]) {
      const interval = column === "created_at" ? "12 hours" : "30 minutes";
      const visitor = await signedIn(program.url, program.adminKey);
      const age = (more: string) => program.sql`
        update console_sessions set ${program.sql(column)} = now() - ${interval}::interval + ${more}::interval`;
      await age("20 seconds");
      expect((await visitor.get("/")).status, column).toBe(200);
      await age("-1 second");
      expect((await visitor.get("/")).headers.get("location"), column).toBe("/console/login");
    }
  });

  it("ends when the key is deleted", async () => {
    const merchant = await program.newMerchant("Kibanda");
    const visitor = await signedIn(program.url, merchant.key);
    const keys = await program.call("GET", `/v1/merchants/${merchant.id}/api-keys`);
    await program.call("DELETE", `/v1/merchants/${merchant.id}/api-keys/${keys.json.data[0].id}`);
    expect((await visitor.get("/")).headers.get("location")).toBe("/console/login");
  });

  it("regression: signing out ends every copy of the cookie", async () => {
    const visitor = await signedIn(program.url, program.adminKey);
    const copy = browser(program.url);
    copy.takeCookie(visitor.cookie());
    expect((await copy.get("/")).status).toBe(200);
    expect((await visitor.send("/console/logout", {})).status).toBe(303);
    expect(visitor.cookie()).toBe("");
    expect((await copy.get("/")).headers.get("location")).toBe("/console/login");
  });

  it("is in the audit: who, from where, and what was refused", async () => {
    const { json } = await program.call("POST", "/v1/operators", { name: "Otieno", role: "support" });
    const visitor = await signedIn(program.url, json.key);
    await visitor.send("/console/logout", {});
    await browser(program.url).send("/console/login", { key: "wrong" });
    const { data } = (await program.call("GET", "/v1/audit?limit=3")).json;
    expect(data.map(({ action, actor }: { action: string; actor: object }) => [action, actor])).toEqual([
      ["console.refused", { kind: "unknown", id: "unknown", name: null, address: expect.stringMatching(/^192/) }],
      ["console.signed_out", { kind: "operator", id: json.id, name: "Otieno", address: expect.stringMatching(/^192/) }],
      ["console.signed_in", { kind: "operator", id: json.id, name: "Otieno", address: expect.stringMatching(/^192/) }],
    ]);
  });

  it.each([
    ["https://evil.example", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["/console//evil.example", "/"],
    ["/console/../in/x", "/"],
    ["javascript:alert(1)", "/"],
    ["/console/events?type=payment.*", "/console/events?type=payment.*"],
    [undefined, "/"],
  ])("leads only to pages of the console: %s", (next, to) => {
    expect(safeNext(next)).toBe(to);
  });

  it("allows ten failures a minute from one address, and 300 from all", () => {
    let nowMs = 0;
    const mayFail = createFailureLimit(() => nowMs);
    expect(Array.from({ length: 11 }, () => mayFail("192.0.2.1"))).toEqual([...Array(10).fill(true), false]);
    expect(mayFail("192.0.2.2")).toBe(true);
    nowMs = 60_001;
    expect(mayFail("192.0.2.1")).toBe(true);
    const others = Array.from({ length: 400 }, (_, n) => mayFail(`198.51.100.${n}`));
    expect(others.filter(Boolean)).toHaveLength(299);
  });

  it("regression: wrong tries are refused after the tenth, and a right key passes all the same", async () => {
    const other = await runProgram();
    try {
      const visitor = browser(other.url);
      const tries = [];
      for (let n = 0; n < 11; n += 1) tries.push(await visitor.send("/console/login", { key: "wrong" }));
      expect(tries.map(({ status }) => status)).toEqual([...Array(10).fill(401), 429]);
      expect(tries.at(-1)!.headers.get("retry-after")).toBe("60");
      for (let n = 0; n < 12; n += 1) {
        expect((await visitor.send("/console/login", { key: other.adminKey })).status).toBe(303);
      }
    } finally {
      await other.stop();
    }
  });
});

describe("while the database is unavailable", () => {
  // Nothing listens on port 1.
  const db = connectDrizzle("postgres://hakika@127.0.0.1:1/none", {});
  const console = createConsole({
    api: () => new Response(null, { status: 503 }),
    db,
    auditKey: Buffer.alloc(32),
    identify: async () => ({ kind: "unavailable" }),
    ownerOf: async () => null,
    publicUrl: () => "http://127.0.0.1",
    hasOwnAddress: false,
    tooManyFailures() {},
    providers: [],
    timeZone: "UTC",
    backlog: async () => null,
    spool: () => ({ bytes: 0, isDatabaseUnavailable: true }),
    addressOf: () => "192.0.2.1",
    log: pino({ level: "silent" }),
    now: () => new Date(),
  });
  afterAll(() => db.$client.end({ timeout: 0 }));

  it("a key that cannot be checked is not called wrong", async () => {
    const headers = { origin: "http://127.0.0.1", "content-type": "application/x-www-form-urlencoded" };
    const signIn = await console.request("http://127.0.0.1/console/login", {
      method: "POST",
      headers,
      body: "key=hk_any",
    });
    expect([signIn.status, await signIn.text()]).toEqual([503, expect.stringContaining("cannot be checked")]);
  });

  it("sessions are kept", async () => {
    const page = await console.request("http://127.0.0.1/", {
      headers: { cookie: `hakika_session=00${"a".repeat(64)}` },
    });
    expect([page.status, await page.text()]).toEqual([503, expect.stringContaining("you stay signed in")]);
  });
});

describe("a form", () => {
  it("from another site does nothing", async () => {
    const visitor = await signedIn(program.url, program.adminKey);
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      {},
    ];
    for (const headers of foreign) {
      const { status, set } = await visitor.send("/console/logout", {}, headers);
      expect([status, set], JSON.stringify(headers)).toEqual([403, null]);
    }
    expect((await visitor.get("/")).status).toBe(200);
  });

  it("may come through a proxy that ends TLS, and its cookie then travels by https only", async () => {
    const other = await runProgram(undefined, { HAKIKA_PUBLIC_URL: "https://pay.example.com/hakika" });
    try {
      const visitor = browser(other.url);
      const { status, set } = await visitor.send(
        "/console/login",
        { key: other.adminKey },
        { origin: "https://pay.example.com" },
      );
      expect(status).toBe(303);
      expect(set).toMatch(/^__Host-hakika_session=.*Secure/);
    } finally {
      await other.stop();
    }
  });

  it("that is larger than 16 KiB is refused", async () => {
    const visitor = browser(program.url);
    expect((await visitor.send("/console/login", { key: "x".repeat(20_000) })).status).toBe(413);
  });
});
