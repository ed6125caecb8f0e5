import { afterAll, beforeAll, expect, test } from "vitest";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import type { Json } from "../api/harness.ts";
import { type Program, runProgram } from "../support/program.ts";
import { type Browser, signedIn } from "./browser.ts";

let program: Program;
let daraja: SimulatedDaraja;
let owner: Browser;
let admin: Browser;
let connection: Json;
let at: string;

beforeAll(async () => {
  daraja = await simulateDaraja();
  program = await runProgram(undefined, { HAKIKA_TRUSTED_PROXIES: "127.0.0.0/8" });
  const merchant = await program.newMerchant("Duka");
  const credentials = {
    ...{ consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" },
    ...{ initiator_name: "apiop", security_credential: "c2VjcmV0" },
  };
  const settings = { approve_above: "1000.00" };
  connection = await post("/v1/connections", {
    ...{ merchant_id: merchant.id, provider: "daraja", environment: "sandbox", base_url: daraja.url },
    ...{ credentials, settings },
  });
  at = `/console/connections/${connection.id}`;
  owner = await signedIn(program.url, merchant.key);
  admin = await signedIn(program.url, program.adminKey);
});
afterAll(async () => {
  await program?.stop();
  await daraja.close();
});

const post = async (path: string, body?: unknown) => (await program.call("POST", path, body)).json;

/** The form of a page, as it is sent: with the key that came with it. */
async function keyOf(path: string): Promise<string> {
  return /name="key" value="([^"]+)"/.exec((await owner.get(path)).text)![1]!;
}

const push = { kind: "stk_push", amount: "50", phone: "+254708374149", reference: "ORDER-1" };
const leads = ({ status, headers }: Awaited<ReturnType<Browser["send"]>>) => [status, headers.get("location")];

test("a payment is requested by a form, once however often it is sent, and its page says so", async () => {
  const page = (await owner.get(`${at}/start`)).text;
  for (const text of ["Request a payment", "Pay out", 'value="b2b"', "short_code", "1000.00 or more waits"]) {
    expect(page).toContain(text);
  }
  expect(page).not.toContain('value="reversal"');
  const key = await keyOf(`${at}/start`);
  expect(await keyOf(`${at}/start`)).not.toBe(key);
  const twins = await Promise.all([1, 2].map(() => owner.send(`${at}/start`, { ...push, key })));
  const again = await owner.send(`${at}/start`, { ...push, key });
  expect(daraja.starts.taken).toHaveLength(1);
  const where = again.headers.get("location")!;
  expect(where).toMatch(/^\/console\/transactions\/txn_\w+\?done=accepted$/);
  expect(twins.map(leads)).toContainEqual([303, where]);
  const shown = (await owner.get(where)).text;
  expect(shown).toContain("The provider took the order");
  expect(shown).toMatch(/<dt>Started<\/dt><dd><span[^>]*>accepted/);
});

test("what a form lacks is said in the provider's words, and nothing is sent", async () => {
  const before = daraja.starts.taken.length;
  const b2b = { kind: "b2b", amount: "10", reference: "RENT-1", account: "R", key: await keyOf(`${at}/start`) };
  const refused = await owner.send(`${at}/start`, b2b);
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining("options.short_code")]);
  expect((await owner.send(`${at}/start`, { ...push, kind: "c2b", key: "k" })).status).toBe(422);
  expect(daraja.starts.taken).toHaveLength(before);
  const options = { options: "short_code = 600000\r\n\r\nrequester=+254711000001" };
  const sent = await owner.send(`${at}/start`, { ...b2b, ...options, key: await keyOf(`${at}/start`) });
  expect(sent.status).toBe(303);
  expect(daraja.starts.taken.at(-1)!.body).toMatchObject({ PartyB: "600000", Requester: "254711000001" });
});

test("a large payout waits on the page of approvals, and is sent when another person approves it there", async () => {
  const before = daraja.starts.taken.length;
  const key = await keyOf(`${at}/start`);
  const b2c = { kind: "b2c", amount: "1000", phone: "+254708374149", reference: "WAGE-1", key };
  expect(leads(await owner.send(`${at}/start`, b2c))).toEqual([303, "/console/approvals?done=waits"]);
  const list = (await owner.get("/console/approvals")).text;
  expect(list).toContain("b2c of 1000.00 KES to +2547*****149, reference WAGE-1");
  expect(list).toContain(`href="${at}"`);
  const approve = /\/console\/approvals\/apr_\w+\/approve/.exec(list)![0];
  expect((await owner.send(approve, {})).status).toBe(403);
  expect(daraja.starts.taken).toHaveLength(before);
  expect(leads(await admin.send(approve, {}))).toEqual([303, "/console/approvals?done=approved"]);
  expect(daraja.starts.taken).toHaveLength(before + 1);
  expect((await owner.send(`${at}/start`, b2c)).headers.get("location")).toMatch(/done=accepted$/);
});

test("a completed payment is given back from its page", async () => {
  const order = { ...push, reference: "ORDER-2", key: await keyOf(`${at}/start`) };
  const page = (await owner.send(`${at}/start`, order)).headers.get("location")!.split("?")[0]!;
  expect((await owner.get(page)).text).not.toContain("Reverse the payment");
  await daraja.finish(daraja.starts.taken.at(-1)!.id, "completed");
  await expect.poll(async () => (await owner.get(page)).text).toContain("Reverse the payment");
  const sent = await owner.send(`${page}/reverse`, { amount: "", description: "", key: await keyOf(page) });
  expect(sent.headers.get("location")).toMatch(/^\/console\/transactions\/txn_\w+\?done=accepted$/);
  expect(daraja.starts.taken.at(-1)!.body).toMatchObject({ CommandID: "TransactionReversal", Amount: 50 });
});

test("the balance is asked for and shown, and the access token is shown once, in the answer alone", async () => {
  expect(leads(await owner.send(`${at}/balance`, {}))).toEqual([303, `${at}?done=balanceAsked`]);
  await expect.poll(async () => (await owner.get(at)).text).toContain("46713.00");
  const { status, text, headers } = await owner.send(`${at}/token`, {});
  const token = /<code[^>]*>([^<]+)<\/code>/.exec(text)![1]!;
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(daraja.tokens.isValid(`Bearer ${token}`)).toBe(true);
  expect((await owner.get(at)).text).not.toContain(token);
  const audit = (await owner.get("/console/audit")).text;
  expect(audit).toContain("token_handed_out");
  expect(audit).not.toContain(token);
});
