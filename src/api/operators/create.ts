import { z } from "zod";
import { hashToken } from "../../database/encryption.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { newOperatorKey, operatorShard } from "../auth/api-key.ts";
import { actorOf, roles } from "../caller.ts";
import { created } from "../response.ts";
import { route } from "../route.ts";
import { nameInput } from "../schemas/fields.ts";
import { newOperatorSchema, operatorJson } from "./operator-json.ts";
import { insertOperator } from "./store.ts";

export const createOperator = route({
  method: "POST",
  path: "/v1/operators",
  tag: "Operators",
  name: "createOperator",
  summary: "Create an operator",
  description: "The key is shown in this response only. It works for the API and for signing in to the console.",
  access: "admin",
  body: z.strictObject({ name: nameInput, role: z.enum(roles) }),
  example: { name: "Wanjiru", role: "support" },
  responses: { 201: { description: "The operator", schema: newOperatorSchema } },
  async handle({ caller, body }, { db }) {
    const key = newOperatorKey();
    const id = newUuid(operatorShard);
    const row = await db.transaction(async tx => {
      const operator = await insertOperator(tx, { id, ...body, keyHash: hashToken(key), createdBy: actorOf(caller) });
      await recordAudit(tx, caller, {
        shard: operatorShard,
        merchantId: null,
        action: "operator.created",
        subject: publicId("operator", id),
        after: body,
      });
      return operator;
    });
    return created({ ...operatorJson(row), key });
  },
});
