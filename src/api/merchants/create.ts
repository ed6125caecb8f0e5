import { randomInt } from "node:crypto";
import { z } from "zod";
import { newUuid, publicId, shardCount } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { created } from "../response.ts";
import { route } from "../route.ts";
import { nameInput } from "../schemas/fields.ts";
import { merchantJson, merchantSchema } from "./merchant-json.ts";
import { insertMerchant } from "./store.ts";

export const createMerchant = route({
  method: "POST",
  path: "/v1/merchants",
  tag: "Merchants",
  name: "createMerchant",
  summary: "Create a merchant",
  description: "Next, create an API key, a connection and an endpoint for it.",
  access: "admin",
  body: z.strictObject({ name: nameInput }),
  example: { name: "Duka la Mjini" },
  responses: { 201: { description: "The merchant", schema: merchantSchema } },
  async handle({ body, caller }, { db }) {
    // A random shard spreads merchants evenly enough. The id contains the shard, so the choice is permanent.
    const shard = randomInt(shardCount);
    const id = newUuid(shard);
    const row = await db.transaction(async tx => {
      const merchant = await insertMerchant(tx, { shard, id, name: body.name });
      const subject = publicId("merchant", id);
      await recordAudit(tx, caller, { shard, merchantId: id, action: "merchant.created", subject, after: body });
      return merchant;
    });
    return created(merchantJson(row));
  },
});
