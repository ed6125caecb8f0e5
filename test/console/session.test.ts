import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../src/console/console.ts";
import { createSessions } from "../../src/console/session/session.ts";
import { safeNext } from "../../src/console/session/sign-in.tsx";
import { createSignInLimit } from "../../src/console/session/sign-in-limit.ts";
import { makeSecretBox } from "../../src/database/encryption.ts";
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

  it("seals the key in a cookie that scripts cannot read and other sites do not send", async () => {
    const visitor = browser(program.url);
    const { set } = await visitor.send("/console/login", { key: program.adminKey });
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Strict/);
    expect(set).toMatch(/Path=\//);
    expect(set).not.toContain(program.adminKey);
    expect(decodeURIComponent(visitor.cookie())).toMatch(/^hakika_session=v1:/);
  });

  it("rejects a cookie that was changed or made up", async () => {
    const visitor = await signedIn(program.url, program.adminKey);
    const good = visitor.cookie();
    for (const bad of [
      good.slice(0, -2),
      `${good}A`,
      "hakika_session=v1:1:AAAA",
      "hakika_session=",
      "hakika_session=%00",
    ]) {
      visitor.takeCookie(bad);
      expect((await visitor.get("/")).headers.get("location"), bad).toBe("/console/login");
    }
  });

  it("ends when the key is deleted", async () => {
    const merchant = await program.newMerchant("Kibanda");
    const visitor = await signedIn(program.url, merchant.key);
    const keys = await program.call("GET", `/v1/merchants/${merchant.id}/api-keys`);
    await program.call("DELETE", `/v1/merchants/${merchant.id}/api-keys/${keys.json.data[0].id}`);
    expect((await visitor.get("/")).headers.get("location")).toBe("/console/login");
  });

  it("ends by signing out", async () => {
    const visitor = await signedIn(program.url, program.adminKey);
    expect((await visitor.send("/console/logout", {})).status).toBe(303);
    expect(visitor.cookie()).toBe("");
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

  it("is limited to ten attempts a minute from one address, and 300 from all", () => {
    let nowMs = 0;
    const mayTry = createSignInLimit(() => nowMs);
    expect(Array.from({ length: 11 }, () => mayTry("192.0.2.1"))).toEqual([...Array(10).fill(true), false]);
    expect(mayTry("192.0.2.2")).toBe(true);
    nowMs = 60_001;
    expect(mayTry("192.0.2.1")).toBe(true);
    const others = Array.from({ length: 400 }, (_, n) => mayTry(`198.51.100.${n}`));
    expect(others.filter(Boolean)).toHaveLength(299);
  });

  it("is refused after too many attempts, even with a valid key", async () => {
    const other = await runProgram();
    try {
      const visitor = browser(other.url);
      for (let tries = 0; tries < 10; tries += 1) await visitor.send("/console/login", { key: "wrong" });
      const refused = await visitor.send("/console/login", { key: other.adminKey });
      expect([refused.status, refused.headers.get("retry-after"), refused.set]).toEqual([429, "60", null]);
    } finally {
      await other.stop();
    }
  });
});

describe("while the database is unavailable", () => {
  const box = makeSecretBox([{ id: "1", key: randomBytes(32) }]);
  const now = () => new Date();
  const console = createConsole({
    api: () => new Response(null, { status: 503 }),
    identify: async () => ({ kind: "unavailable" }),
    box,
    publicUrl: () => "http://127.0.0.1",
    providers: [],
    backlog: async () => null,
    spool: () => ({ bytes: 0, isDatabaseUnavailable: true }),
    addressOf: () => "192.0.2.1",
    log: pino({ level: "silent" }),
    now,
  });
  const cookie = async () => {
    const app = new Hono().get("/", c => {
      createSessions(box, { now, secure: () => false }).begin(c, "hk_any");
      return c.body(null);
    });
    return (await app.request("/")).headers.get("set-cookie")!.split(";")[0]!;
  };

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
    const page = await console.request("http://127.0.0.1/", { headers: { cookie: await cookie() } });
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
      expect(set).toMatch(/Secure/);
    } finally {
      await other.stop();
    }
  });

  it("that is larger than 16 KiB is refused", async () => {
    const visitor = browser(program.url);
    expect((await visitor.send("/console/login", { key: "x".repeat(20_000) })).status).toBe(413);
  });
});
