import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actions, pages } from "../../src/console/pages.ts";
import { newUuid, parseId, publicId } from "../../src/domain/ids.ts";
import { seeder } from "../api/seed.ts";
import { type Program, runProgram } from "../support/program.ts";
import { type Browser, signedIn } from "./browser.ts";

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'&lt;`;
const phone = "+254711222333";
const uuidOf = (id: string) => parseId("endpoint", id)!;

let program: Program;
let admin: Browser;
let owner: Browser;
let stranger: Browser;
let ids: Awaited<ReturnType<typeof furnish>>;

beforeAll(async () => {
  program = await runProgram(undefined, { HAKIKA_TRUSTED_PROXIES: "127.0.0.0/8" });
  ids = await furnish();
  admin = await signedIn(program.url, program.adminKey);
  owner = await signedIn(program.url, ids.merchant.key);
  stranger = await signedIn(program.url, (await program.newMerchant("Another")).key);
});
afterAll(() => program.stop());

/** One thing of each kind, with a hostile text in every field that foreign text can reach. */
async function furnish() {
  const seed = seeder(program.sql);
  const merchant = await program.newMerchant(`Duka ${hostile}`);
  const post = async (path: string, body: unknown) => (await program.call("POST", path, body)).json;
  const connection = await post("/v1/connections", {
    merchant_id: merchant.id,
    provider: "daraja",
    name: `Till ${hostile}`,
    environment: "sandbox",
    credentials: { consumer_key: "the-consumer-key", consumer_secret: "the-consumer-secret" },
    verification: { header: { name: "x-pass", value: "the-header-secret" } },
  });
  const endpoint = await post("/v1/endpoints", {
    merchant_id: merchant.id,
    url: "http://127.0.0.1:9/hooks",
    description: hostile,
  });
  const of = { merchantId: merchant.id, connectionId: connection.id, endpointId: endpoint.id };
  const transaction = await seed.transaction(of, {
    kind: "c2b",
    reference: hostile,
    phone,
    party_name: hostile,
    provider_refs: { receipt: hostile },
    details: { failure_reason: hostile },
    metadata: { note: hostile, isEscaped: true },
    result: { code: "1", description: hostile },
    review: { reason: "conflict", since: "2025-10-18T20:30:26.000Z", detail: hostile },
  });
  await seed.evidence(transaction, {
    source: "callback",
    strength: "hint",
    says: "failed",
    finding: { result: { code: "1", description: hostile }, note: hostile, refs: {} },
  });
  const callback = await seed.callback(of, {
    body: JSON.stringify({ FirstName: hostile, right: "\u202egnp.exe" }),
    state: "quarantined",
    problems: [{ path: hostile, message: hostile }],
    transactionIds: [transaction],
  });
  const binary = await seed.callback(of, { body: Buffer.from([0xff, 0x00, 0x3c, 0x41]), state: "processed" });
  const dropped = await seed.callback(of, { body: null, state: "processed" });
  const event = await seed.event(merchant.id, { type: "endpoint.test", data: { note: hostile } });
  const delivery = await seed.delivery({ ...of, eventId: event }, { state: "failed", attempts: 2 });
  await program.sql`update delivery_attempts set answer = ${hostile}, error = ${hostile}`;
  const statement = await seed.statement(of, { problems: [hostile], line: { receipt: hostile, problem: hostile } });
  const alert = await seed.alert({ merchantId: merchant.id, connectionId: connection.id }, hostile);
  return {
    alert,
    merchant,
    connection,
    endpoint,
    transaction,
    callback,
    binary,
    dropped,
    event,
    delivery,
    statement,
  };
}

/** The paths of all pages, with ids that exist. */
function everyPath(): string[] {
  const idOf: Record<string, string> = {
    transactions: ids.transaction,
    callbacks: ids.callback,
    events: ids.event,
    deliveries: ids.delivery,
    endpoints: ids.endpoint.id,
    connections: ids.connection.id,
    statements: ids.statement,
    alerts: ids.alert,
  };
  return pages.map(({ path }) => path.replace(":id", idOf[path.split("/")[2]!] ?? ""));
}

describe("every page", () => {
  it("is a whole document without scripts, for the admin and for the owner", async () => {
    for (const visitor of [admin, owner]) {
      for (const path of [...everyPath(), `/console/callbacks/${ids.binary}`, `/console/callbacks/${ids.dropped}`]) {
        const { status, headers, text } = await visitor.get(path);
        expect(status, path).toBe(200);
        expect(text, path).toMatch(/^<!doctype html>\n<html lang="en">.*<\/html>\n$/s);
        expect(text, path).toMatch(/<h1>/);
        expect(text, path).not.toMatch(/<script|<img|<style|\son\w+=["']|style="|javascript:|\[object |undefined/i);
        expect(headers.get("content-security-policy"), path).toBe(
          "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
        expect(headers.get("cache-control"), path).toBe("no-store");
        expect(headers.get("x-content-type-options"), path).toBe("nosniff");
        expect(headers.get("referrer-policy"), path).toBe("same-origin");
      }
    }
  });

  it("loads nothing from another site", async () => {
    for (const path of everyPath()) {
      const { text } = await admin.get(path);
      for (const [, url] of text.matchAll(/(?:src|href|action)="([^"]*)"/g)) expect(url, path).toMatch(/^[/#]/);
    }
    const style = /href="(\/console\/style-\w+\.css)"/.exec((await admin.get("/")).text)![1]!;
    const css = await admin.get(style);
    expect([css.status, css.headers.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
    expect(css.text).not.toMatch(/url\(|@import/);
    expect((await admin.get("/console/icon.svg")).headers.get("content-type")).toBe("image/svg+xml");
  });

  it("shows hostile texts as plain text", async () => {
    const escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;";
    for (const path of [
      "/console/transactions",
      `/console/transactions/${ids.transaction}`,
      "/console/reviews",
      "/console/callbacks",
      `/console/callbacks/${ids.callback}`,
      `/console/events/${ids.event}`,
      `/console/deliveries/${ids.delivery}`,
      `/console/endpoints/${ids.endpoint.id}`,
      "/console/connections",
      "/console/statements",
      `/console/statements/${ids.statement}`,
      `/console/connections/${ids.connection.id}`,
    ]) {
      expect((await owner.get(path)).text, path).toContain(escaped);
    }
  });

  it("escapes what it repeats of its address", async () => {
    const query = new URLSearchParams({
      reference: hostile,
      action: hostile,
      done: hostile,
      cursor: hostile,
      channel: hostile,
    });
    for (const path of everyPath()) {
      const { text } = await admin.get(`${path}?${query}`);
      expect(text, path).not.toMatch(/<script|<img/);
    }
    expect((await admin.get("/console/events/%3Cscript%3E")).text).not.toContain("<script");
    expect((await admin.get("/console/%3Cscript%3E")).status).toBe(404);
  });

  it("labels every field, and has one heading and one main element", async () => {
    for (const path of everyPath()) {
      const { text } = await admin.get(path);
      expect(text.match(/<h1>/g), path).toHaveLength(1);
      expect(text.match(/<main /g), path).toHaveLength(1);
      const fields = text.match(/<(input(?! type="hidden")|select|textarea)\b/g) ?? [];
      const labelled = text.match(/<label>[^<]+<(input|select|textarea)\b/g) ?? [];
      expect(labelled.length, path).toBe(fields.length);
      expect(text, path).toMatch(/aria-current="page"/);
    }
  });

  it("of another merchant is not found", async () => {
    for (const path of everyPath().filter(each => /_[0-9a-f]{32}/.test(each))) {
      const { status, text } = await stranger.get(path);
      expect(status, path).toBe(404);
      expect(text, path).not.toContain("alert(1)");
    }
    for (const path of everyPath().filter(each => !/_[0-9a-f]{32}/.test(each))) {
      const { status, text } = await stranger.get(path);
      expect(status, path).toBe(200);
      expect(text, path).not.toContain("alert(1)");
    }
  });
});

describe("phones and secrets", () => {
  it("phones are masked in lists", async () => {
    for (const path of ["/", "/console/transactions", "/console/reviews"]) {
      expect((await owner.get(path)).text, path).not.toContain(phone);
    }
    expect((await owner.get("/console/transactions")).text).toContain("+2547*****333");
  });

  it("no secret of a connection or endpoint is shown, nor the visitor's key", async () => {
    const secrets = ["the-consumer-key", "the-consumer-secret", "the-header-secret"];
    const shown = [ids.connection.forward_secret, ids.endpoint.secret, program.adminKey, ids.merchant.key];
    for (const path of everyPath()) {
      const { text } = await admin.get(path);
      for (const secret of [...secrets, ...shown]) expect(text.includes(secret), path).toBe(false);
    }
  });

  it("callback URLs can be copied", async () => {
    const { text } = await owner.get(`/console/connections/${ids.connection.id}`);
    for (const url of Object.values<string>(ids.connection.callback_urls)) expect(text).toContain(`>${url}</code>`);
  });
});

describe("a callback's body", () => {
  it("is shown with direction marks escaped", async () => {
    expect((await owner.get(`/console/callbacks/${ids.callback}`)).text).toContain("\\u202egnp.exe");
  });

  it("that is not text is shown as hexadecimal digits", async () => {
    expect((await owner.get(`/console/callbacks/${ids.binary}`)).text).toContain("ff003c41");
  });

  it("that was dropped says so", async () => {
    expect((await owner.get(`/console/callbacks/${ids.dropped}`)).text).toContain("dropped by retention");
  });
});

describe("a form", () => {
  it("resolves a review, with the visitor's key in the audit", async () => {
    const seed = seeder(program.sql);
    const of = { merchantId: ids.merchant.id, connectionId: ids.connection.id };
    const transaction = await seed.transaction(of, { provider_refs: { checkout_request_id: "ws_CO_1" } });
    const at = `/console/transactions/${transaction}`;
    const sent = await owner.send(`${at}/resolve`, { status: "failed", note: "Seen on the statement." });
    expect([sent.status, sent.headers.get("location")]).toEqual([303, `${at}?done=resolved`]);
    const { text } = await owner.get(`${at}?done=resolved`);
    expect(text).toContain("The transaction is resolved");
    expect(text).toContain("Seen on the statement.");
    expect((await owner.get("/console/audit")).text).toContain("transaction.resolved");
  });

  it("that the API refuses shows the reason", async () => {
    const refused = await owner.send(`/console/transactions/${ids.transaction}/resolve`, {
      status: "failed",
      note: " ",
    });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining("note: must")]);
    expect((await owner.send(`/console/callbacks/${ids.dropped}/reprocess`, {})).status).toBe(410);
    const unknown = await owner.send(`/console/callbacks/${ids.binary}/reprocess`, { channel: "nowhere" });
    expect([unknown.status, unknown.text]).toEqual([422, expect.stringContaining("channel: is no channel of")]);
  });

  it("retries, reprocesses, tests, recovers, disables and enables", async () => {
    const done = [
      [`/console/callbacks/${ids.binary}/reprocess`, "reprocess"],
      [`/console/deliveries/${ids.delivery}/retry`, "retry"],
      [`/console/endpoints/${ids.endpoint.id}/test`, "test"],
      [`/console/endpoints/${ids.endpoint.id}/recover`, "recover"],
      [`/console/endpoints/${ids.endpoint.id}/disable`, "disabled"],
      [`/console/endpoints/${ids.endpoint.id}/enable`, "enabled"],
    ] as const;
    for (const [path, word] of done) {
      const { status, headers } = await owner.send(path, {});
      expect([status, headers.get("location")], path).toEqual([303, path.replace(/\/\w+$/, `?done=${word}`)]);
    }
  });

  it("of another merchant finds nothing, and without a session does nothing", async () => {
    const nobody = publicId("transaction", newUuid(0));
    // A form for a new thing of one's own concerns no other merchant's.
    const order = { kind: "stk_push", amount: "1", phone: "+254700000001", reference: "R-1", key: "stranger" };
    const form = { status: "failed", note: "mine now", ...order };
    for (const { path } of actions.filter(({ path }) => path.includes(":id"))) {
      const at = path.replace(":id", path.includes("transactions") ? ids.transaction : nobody);
      expect((await stranger.send(at, form)).status, path).toBe(404);
      expect((await fetch(program.url + at, { method: "POST", redirect: "manual" })).status, path).toBe(403);
    }
  });
});

describe("the overview", () => {
  it("shows the system to the admin only", async () => {
    expect((await admin.get("/")).text).toContain("Workers alive");
    expect((await owner.get("/")).text).not.toContain("Workers alive");
  });
});

describe("problems stand out", () => {
  const failing = (since: Date | null) =>
    program.sql`update endpoints set failing_since = ${since} where id = ${uuidOf(ids.endpoint.id)}`;

  it("a failing endpoint is not shown as healthy", async () => {
    await failing(new Date("2026-11-20T08:00:00Z"));
    expect((await owner.get("/console/endpoints")).text).toMatch(/failing<\/span> <small>since .*2026-11-20 08:00:00/);
    expect((await owner.get(`/console/endpoints/${ids.endpoint.id}`)).text).toMatch(
      /role="status">Failing since .*2026-11-20 08:00:00/,
    );
    await failing(null);
    expect((await owner.get("/console/endpoints")).text).toContain("healthy</span>");
  });

  it("a disabled endpoint is counted, listed, and enabled from its page", async () => {
    const at = `/console/endpoints/${ids.endpoint.id}`;
    await owner.send(`${at}/disable`, {});
    expect((await owner.get("/")).text).toMatch(
      /class="tile danger" href="\/console\/endpoints\?enabled=false"><span class="value">1</,
    );
    expect((await owner.get("/console/endpoints?enabled=false")).text).toContain(ids.endpoint.id);
    expect((await owner.get(at)).text).toContain(`action="${at}/enable"`);
    await owner.send(`${at}/enable`, {});
    expect((await owner.get("/console/endpoints?enabled=false")).text).not.toContain(ids.endpoint.id);
  });

  it("the timeline names the review that a status change opened", async () => {
    const { connection, merchant } = ids;
    const body = {
      connection_id: connection.id,
      kind: "stk_push",
      amount: "50.00",
      provider_refs: { checkout_request_id: "ws_1" },
    };
    const { json } = await program.call("POST", "/v1/transactions", body);
    const paid = { Amount: 5, MpesaReceiptNumber: "TJIKQ7V33N", PhoneNumber: 254700000001 };
    const items = Object.entries(paid).map(([Name, Value]) => ({ Name, Value }));
    await fetch(connection.callback_urls.stk, {
      method: "POST",
      headers: { "x-pass": "the-header-secret" },
      body: JSON.stringify({
        Body: {
          stkCallback: {
            MerchantRequestID: "1",
            CheckoutRequestID: "ws_1",
            ResultCode: 0,
            ResultDesc: "Done",
            CallbackMetadata: { Item: items },
          },
        },
      }),
    });
    expect(merchant.id).toMatch(/^mer_/);
    const shown = async () => (await owner.get(`/console/transactions/${json.id}`)).text;
    await expect.poll(shown).toMatch(/review<\/span> amount mismatch/);
  });
});

describe("a list", () => {
  it("keeps its filters from page to page", async () => {
    const seed = seeder(program.sql);
    const of = { merchantId: ids.merchant.id, connectionId: ids.connection.id };
    for (let n = 0; n < 51; n += 1) await seed.transaction(of, { kind: "b2c", reference: `R${n}` });
    const first = await owner.get("/console/transactions?kind=b2c");
    const older = /href="(\/console\/transactions\?kind=b2c&amp;cursor=[\w-]+)"/.exec(first.text)![1]!;
    expect(first.text).toContain("R50<");
    const second = await owner.get(older.replaceAll("&amp;", "&"));
    expect(second.text).toContain(">R0<");
    expect(second.text).not.toContain("cursor=");
  });

  it("shows the error of a filter beside the filter", async () => {
    const { status, text } = await owner.get("/console/callbacks?connection_id=nonsense");
    expect(status).toBe(200);
    expect(text).toMatch(/role="alert">connection_id/);
    expect(text).toContain('value="nonsense"');
  });
});
