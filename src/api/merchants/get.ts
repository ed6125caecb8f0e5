import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { merchantJson, merchantSchema } from "./merchant-json.ts";
import { findMerchant } from "./store.ts";

export const getMerchant = route({
  method: "GET",
  path: "/v1/merchants/{id}",
  tag: "Merchants",
  name: "getMerchant",
  summary: "Get a merchant",
  description: "A merchant's key gets its own merchant only.",
  access: "any",
  ids: { id: "merchant" },
  responses: { 200: { description: "The merchant", schema: merchantSchema } },
  async handle({ caller, ids }, { db }) {
    const merchant = await findMerchant(db, ids.id, merchantScope(caller));
    return merchant === null ? noSuch("merchant") : ok(merchantJson(merchant));
  },
});
