import { z } from "zod";
import { hashOfToken, newCallbackToken } from "../../connections/token.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { newWebhookSecret } from "../../egress/webhook.ts";
import { providers as registry } from "../../providers/registry.ts";
import { recordAudit } from "../audit/record.ts";
import { limitReached } from "../limit-reached.ts";
import { merchantFor } from "../merchants/merchant-for.ts";
import { lockMerchant } from "../merchants/store.ts";
import { invalid } from "../problem.ts";
import { created } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { audited } from "./apply-patch.ts";
import { foreignBaseUrl } from "./base-url-owner.ts";
import { columnsOf } from "./connection-columns.ts";
import { checkConnection, connectionFields } from "./connection-input.ts";
import { connectionJson, newConnectionSchema } from "./connection-json.ts";
import { countConnections, insertConnection, insertToken } from "./store.ts";

export const createConnection = route({
  method: "POST",
  path: "/v1/connections",
  tag: "Connections",
  name: "createConnection",
  summary: "Connect a merchant to a provider",
  description:
    "The response has the callback URLs to give to the provider. `forward_secret` is shown in this response only.",
  access: "any",
  body: z.strictObject({
    merchant_id: idInput("merchant").optional(),
    provider: z.string().meta({ enum: [...registry.keys()], examples: ["daraja"] }),
    ...connectionFields,
  }),
  example: {
    provider: "daraja",
    name: "Till 174379",
    environment: "sandbox",
    credentials: {
      consumer_key: "ck-example",
      consumer_secret: "cs-example",
      shortcode: "174379",
      passkey: "pk-example",
    },
    verification: { address: { mode: "log", ranges: ["196.201.214.0/24"] } },
    settings: { settle_on: "match", confirm_above: "50000.00" },
  },
  responses: { 201: { description: "The connection", schema: newConnectionSchema } },
  async handle({ caller, body }, deps) {
    const { merchant_id, provider: providerId, ...input } = body;
    const owner = await merchantFor(caller, merchant_id, deps.db);
    if (owner.kind === "problem") return owner;
    const provider = deps.providers.get(providerId);
    if (!provider) {
      return invalid([{ path: "provider", message: `must be one of ${[...deps.providers.keys()].join(", ")}` }]);
    }
    const problem = checkConnection(input, provider, deps.egressAllow) ?? foreignBaseUrl(caller, input, provider, null);
    if (problem) return problem;

    const { shard, merchantId } = owner;
    const id = newUuid(shard);
    const forwardSecret = newWebhookSecret();
    const token = newCallbackToken(shard, provider.refusedUrlWords);
    const made = await deps.db.transaction(async tx => {
      await lockMerchant(tx, merchantId, null);
      if ((await countConnections(tx, shard, merchantId)) >= deps.limits.connections) {
        return limitReached(deps, "connections");
      }
      const connection = await insertConnection(tx, {
        shard,
        id,
        merchantId,
        provider: provider.id,
        ...columnsOf(id, input, input.name ?? provider.name, deps.box),
        forwardSecret: deps.box.seal(forwardSecret, sealContext.forwardSecret(id)),
      });
      const sealed = deps.box.seal(token, sealContext.callbackToken(id));
      await insertToken(tx, { shard, connectionId: id, tokenHash: hashOfToken(token), token: sealed });
      const subject = publicId("connection", id);
      const after = { provider: provider.id, ...audited(connection) };
      await recordAudit(tx, caller, { shard, merchantId, action: "connection.created", subject, after });
      return { kind: "made" as const, row: connection };
    });
    if (made.kind === "problem") return made;
    await deps.changed({ connectionId: id, merchantId });
    return created({ ...(await connectionJson(made.row, deps, deps.db)), forward_secret: forwardSecret });
  },
});
