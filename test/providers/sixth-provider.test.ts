import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { parseAmount } from "../../src/domain/money.ts";
import { identityOf } from "../../src/providers/kit/identity.ts";
import { jsonReply } from "../../src/providers/kit/reply.ts";
import { textOf } from "../../src/providers/kit/text.ts";
import type { Channel, Provider } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, openShop, request, type Shop, startTestHakika } from "../support/hakika.ts";

// All that adding a provider takes: its folder (here, this text) and one entry in the registry that the program is
// given.
const identity = identityOf("transaction_ref");
const notices: Channel = {
  forms: false,
  key: body => textOf(body.ref),
  read(body) {
    const ref = textOf(body.ref);
    if (ref === null) return { kind: "unreadable", problems: [{ path: "ref", message: "is missing" }] };
    const amount = parseAmount(body.sum, "UGX");
    const refs = { transaction_ref: ref };
    const says = body.outcome === "paid" ? "completed" : "failed";
    const finding = { kind: "payment", says, refs, identity: identity(refs) } as const;
    return { kind: "evidence", findings: [{ ...finding, ...(amount.ok && { amount: amount.money }) }] };
  },
  accepted: () => jsonReply({ taken: true }),
  unreadable: null,
};
const sente: Provider = {
  id: "sente",
  name: "Sente",
  credentials: [],
  channels: { notices },
  kinds: ["payment"],
  identity: (_kind, refs) => identity(refs),
  baseUrls: { sandbox: "https://sandbox.sente.example", production: "https://api.sente.example" },
  token: null,
  status: null,
  pull: null,
  register: null,
};

let database: TestDatabase;
let hakika: Running;
let shop: Shop;

beforeAll(async () => {
  database = await testDatabase();
  hakika = await startTestHakika(database.url, { providers: new Map([...providers, ["sente", sente]]) });
  shop = await openShop(hakika, { provider: "sente" });
});

afterAll(async () => {
  await hakika.stop();
  await shop.merchant.close();
  await database.drop();
});

test("a provider that only its folder and the registry know goes the whole way", async () => {
  const { id } = await api(hakika, "POST", "/v1/transactions", {
    connection_id: shop.connection.id,
    kind: "payment",
    provider_refs: { transaction_ref: "S-1" },
    amount: "1500",
    currency: "UGX",
  });
  const answer = await request("POST", shop.connection.callback_urls.notices!, {
    ref: "S-1",
    sum: 1500,
    outcome: "paid",
  });
  expect([answer.status, answer.json]).toEqual([200, { taken: true }]);
  const [event] = await shop.merchant.until(events => events.length > 0);
  expect(event).toMatchObject({
    type: "payment.completed",
    data: {
      transaction: {
        id,
        provider: "sente",
        amount: "1500",
        currency: "UGX",
        provider_refs: { transaction_ref: "S-1" },
      },
    },
  });
  expect(shop.merchant.wrongs).toEqual([]);
});
