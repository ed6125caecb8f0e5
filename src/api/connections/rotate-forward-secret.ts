import { z } from "zod";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import { newWebhookSecret } from "../../egress/webhook.ts";
import { recordAudit } from "../audit/record.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idOutput } from "../schemas/fields.ts";
import { updateConnection } from "./store.ts";
import { lockedConnection } from "./visible.ts";

export const rotateForwardSecret = route({
  method: "POST",
  path: "/v1/connections/{id}/rotate-forward-secret",
  tag: "Connections",
  name: "rotateForwardSecret",
  summary: "Make a new secret for forwarded questions",
  description: "It signs from now on, and is shown in this answer only. The old one signs nothing more.",
  access: "any",
  ids: { id: "connection" },
  answers: {
    200: {
      means: "The secret",
      schema: z
        .object({ id: idOutput("connection"), forward_secret: z.string().meta({ examples: ["whsec_…"] }) })
        .meta({ id: "ForwardSecret" }),
    },
  },
  async handle({ caller, ids }, deps) {
    const secret = newWebhookSecret();
    const rotated = await deps.db.transaction(async tx => {
      const connection = await lockedConnection(caller, ids.id, tx);
      if (connection.kind === "problem") return connection;
      const { shard, id, merchantId } = connection.row;
      await updateConnection(tx, connection.row, {
        forwardSecret: deps.box.seal(secret, sealContext.forwardSecret(id)),
      });
      const subject = publicId("connection", id);
      await recordAudit(tx, caller, { shard, merchantId, action: "connection.forward_secret_rotated", subject });
      return connection;
    });
    if (rotated.kind === "problem") return rotated;
    await deps.changed({ connectionId: ids.id, merchantId: rotated.row.merchantId });
    return ok({ id: publicId("connection", ids.id), forward_secret: secret });
  },
});
