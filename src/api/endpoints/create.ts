import { z } from "zod";
import { sealContext } from "../../database/seal-contexts.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { newWebhookSecret } from "../../egress/webhook.ts";
import { recordAudit } from "../audit/record.ts";
import { limitReached } from "../limit-reached.ts";
import { merchantFor } from "../merchants/merchant-for.ts";
import { lockMerchant } from "../merchants/store.ts";
import { created } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { audited, columnsOf } from "./endpoint-columns.ts";
import { checkEndpoint, endpointFields } from "./endpoint-input.ts";
import { endpointJson, newEndpointSchema } from "./endpoint-json.ts";
import { countEndpoints, disabledByMerchant, insertEndpoint, insertSecret } from "./store.ts";

export const createEndpoint = route({
  method: "POST",
  path: "/v1/endpoints",
  tag: "Endpoints",
  name: "createEndpoint",
  summary: "Create an endpoint",
  description: "Events are sent to it, signed with `secret`, which is shown in this response only.",
  access: "any",
  body: z.strictObject({ merchant_id: idInput("merchant").optional(), ...endpointFields }),
  example: { url: "https://example.com/hooks/hakika", event_types: ["payment.*"], description: "Order service" },
  responses: { 201: { description: "The endpoint", schema: newEndpointSchema } },
  async handle({ caller, body }, deps) {
    const { merchant_id, ...input } = body;
    const owner = await merchantFor(caller, merchant_id, deps.db);
    if (owner.kind === "problem") return owner;
    const problem = checkEndpoint(input, deps);
    if (problem) return problem;

    const { shard, merchantId } = owner;
    const id = newUuid(shard);
    const secretId = newUuid(shard);
    const secret = newWebhookSecret();
    const made = await deps.db.transaction(async tx => {
      await lockMerchant(tx, merchantId, null);
      if ((await countEndpoints(tx, shard, merchantId)) >= deps.limits.endpoints) {
        return limitReached(deps, "endpoints");
      }
      const endpoint = await insertEndpoint(tx, {
        shard,
        id,
        merchantId,
        ...columnsOf(id, input, deps.box),
        enabled: input.enabled,
        ...(!input.enabled && disabledByMerchant()),
      });
      const sealed = deps.box.seal(secret, sealContext.endpointSecret(secretId));
      await insertSecret(tx, { shard, id: secretId, endpointId: id, secret: sealed });
      const subject = publicId("endpoint", id);
      const after = audited(endpoint);
      await recordAudit(tx, caller, { shard, merchantId, action: "endpoint.created", subject, after });
      return { kind: "made" as const, row: endpoint };
    });
    if (made.kind === "problem") return made;
    await deps.changed({ endpointId: id, merchantId });
    return created({ ...endpointJson(made.row), secret });
  },
});
