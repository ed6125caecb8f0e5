import type { Json, TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

export type TestIds = Awaited<ReturnType<typeof createTestIds>>;

/** One object of each kind, to put in the place of the document's example ids. */
export async function createTestIds(api: TestApi) {
  const { id: merchant, keyId } = await api.newMerchant();
  const seed = seeder(api.sql);
  const make = async (path: string, body: Json) => (await api.call("POST", path, { body })).json.id as string;
  const connection = await make("/v1/connections", {
    merchant_id: merchant,
    provider: "daraja",
    environment: "sandbox",
  });
  const endpoint = await make("/v1/endpoints", {
    merchant_id: merchant,
    url: "https://a.example",
    event_types: ["chat.*"],
  });
  const owner = { merchantId: merchant, connectionId: connection };
  const transaction = await seed.transaction(owner);
  const event = await seed.event(merchant);
  const byPrefix: Record<string, string> = {
    ...{ mer_: merchant, key_: keyId, con_: connection, end_: endpoint, txn_: transaction, evt_: event },
    stm_: await seed.statement(owner),
    lkp_: await seed.lookup(owner),
    alt_: await seed.alert(owner),
    dlv_: await seed.delivery({ merchantId: merchant, endpointId: endpoint, eventId: event }),
  };
  const real = (text: string) => byPrefix[text.slice(0, 4)] ?? text;
  return {
    /** What is deleted or replaced is spared: an id of the kind that names nothing. */
    inPath: (path: string, _name: string, example: string) => (/rotate|privacy/.test(path) ? example : real(example)),
    /** Ids of connections, endpoints and merchants that are there. */
    place(body: Json): Json {
      const text = JSON.stringify(body);
      return JSON.parse(text.replace(/"((?:mer|con|end|txn)_[0-9a-f]{32})"/g, (_, id) => `"${real(id)}"`));
    },
  };
}
