import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { nameInput } from "../schemas/fields.ts";
import { merchantJson, merchantSchema } from "./merchant-json.ts";
import { lockMerchant, renameMerchant } from "./store.ts";

export const patchMerchant = route({
  method: "PATCH",
  path: "/v1/merchants/{id}",
  tag: "Merchants",
  name: "patchMerchant",
  summary: "Rename a merchant",
  description: "A merge patch (RFC 7396). A merchant's key renames its own merchant only.",
  access: "any",
  ids: { id: "merchant" },
  body: z.strictObject({ name: nameInput.optional() }),
  example: { name: "Duka la Mjini" },
  responses: { 200: { description: "The changed merchant", schema: merchantSchema } },
  async handle({ caller, ids, body }, { db }) {
    return db.transaction(async tx => {
      const merchant = await lockMerchant(tx, ids.id, merchantScope(caller));
      if (merchant === null) return noSuch("merchant");
      if (body.name === undefined || body.name === merchant.name) return ok(merchantJson(merchant));
      const { shard, id: merchantId } = merchant;
      await recordAudit(tx, caller, {
        shard,
        merchantId,
        action: "merchant.changed",
        subject: publicId("merchant", merchantId),
        before: { name: merchant.name },
        after: { name: body.name },
      });
      return ok(merchantJson(await renameMerchant(tx, merchantId, body.name)));
    });
  },
});
