import { ok } from "../response.ts";
import { route } from "../route.ts";
import { merchantJson, merchantSchema } from "./merchant-json.ts";
import { visibleMerchant } from "./visible.ts";

export const getMerchant = route({
  method: "GET",
  path: "/v1/merchants/{id}",
  tag: "Merchants",
  name: "getMerchant",
  summary: "Get a merchant",
  description: "A merchant's key sees its own merchant only.",
  access: "any",
  ids: { id: "merchant" },
  answers: { 200: { means: "The merchant", schema: merchantSchema } },
  async handle({ caller, ids }, { db }) {
    const merchant = await visibleMerchant(caller, ids.id, db);
    return merchant.kind === "problem" ? merchant : ok(merchantJson(merchant.row));
  },
});
