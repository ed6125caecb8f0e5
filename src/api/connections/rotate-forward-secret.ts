import { z } from "zod";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import { newWebhookSecret } from "../../egress/webhook.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idOutput } from "../schemas/fields.ts";
import { lockConnection, updateConnection } from "./store.ts";

export const rotateForwardSecret = route({
  method: "POST",
  path: "/v1/connections/{id}/rotate-forward-secret",
  tag: "Connections",
  name: "rotateForwardSecret",
  summary: "Create a new secret for forwarded questions",
  description: "The new secret signs from now on, and is shown in this response only. The old one no longer signs.",
  access: "any",
  ids: { id: "connection" },
  responses: {
    200: {
      description: "The new secret",
      schema: z
        .object({ id: idOutput("connection"), forward_secret: z.string().meta({ examples: ["whsec_…"] }) })
        .meta({ id: "ForwardSecret" }),
    },
  },
  async handle({ caller, ids }, deps) {
    const secret = newWebhookSecret();
    const rotated = await deps.db.transaction(async tx => {
      const row = await lockConnection(tx, ids.id, merchantScope(caller));
      if (row === null) return null;
      const { shard, id, merchantId } = row;
      await updateConnection(tx, row, {
        forwardSecret: deps.box.seal(secret, sealContext.forwardSecret(id)),
      });
      const subject = publicId("connection", id);
      await recordAudit(tx, caller, { shard, merchantId, action: "connection.forward_secret_rotated", subject });
      return row;
    });
    if (rotated === null) return noSuch("connection");
    await deps.changed({ connectionId: ids.id, merchantId: rotated.merchantId });
    return ok({ id: publicId("connection", ids.id), forward_secret: secret });
  },
});
