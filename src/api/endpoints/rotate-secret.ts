import { z } from "zod";
import { sealContext } from "../../database/seal-contexts.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { newWebhookSecret } from "../../egress/webhook.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { conflict, noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idOutput, overlapInput } from "../schemas/fields.ts";
import { countActiveSecrets, expireSecrets, insertSecret, lockEndpoint } from "./store.ts";

/** A day, as at Svix. */
const overlapDefaultS = 86_400;
/** Each active secret adds a signature to every request. */
const olderSecretsMax = 9;

export const rotateSecret = route({
  method: "POST",
  path: "/v1/endpoints/{id}/rotate-secret",
  tag: "Endpoints",
  name: "rotateSecret",
  summary: "Create a new signing secret",
  description:
    `The old secret also signs for \`overlap_s\` seconds (by default ${overlapDefaultS}; 0 ends it at once). ` +
    "The new secret is shown in this response only.",
  access: "any",
  ids: { id: "endpoint" },
  body: z.strictObject({ overlap_s: overlapInput.default(overlapDefaultS) }),
  bodyOptional: true,
  example: { overlap_s: 3600 },
  responses: {
    200: {
      description: "The new secret",
      schema: z
        .object({ id: idOutput("endpoint"), secret: z.string().meta({ examples: ["whsec_…"] }) })
        .meta({ id: "EndpointSecret" }),
    },
  },
  problems: { 409: `More than ${olderSecretsMax} older secrets are active.` },
  async handle({ caller, ids, body }, deps) {
    const secret = newWebhookSecret();
    const rotated = await deps.db.transaction(async tx => {
      const row = await lockEndpoint(tx, ids.id, merchantScope(caller));
      if (row === null) return noSuch("endpoint");
      const { shard, id: endpointId, merchantId } = row;
      await expireSecrets(tx, row, body.overlap_s);
      if ((await countActiveSecrets(tx, row)) > olderSecretsMax) {
        return conflict(`More than ${olderSecretsMax} older secrets are active. Send overlap_s 0 to end them.`);
      }
      const id = newUuid(shard);
      await insertSecret(tx, { shard, id, endpointId, secret: deps.box.seal(secret, sealContext.endpointSecret(id)) });
      const subject = publicId("endpoint", endpointId);
      await recordAudit(tx, caller, { shard, merchantId, action: "endpoint.secret_rotated", subject, detail: body });
      return { kind: "rotated" as const, row };
    });
    if (rotated.kind === "problem") return rotated;
    await deps.changed({ endpointId: ids.id, merchantId: rotated.row.merchantId });
    return ok({ id: publicId("endpoint", ids.id), secret });
  },
});
