import { z } from "zod";
import { sealContext } from "../../database/seal-contexts.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { newWebhookSecret } from "../../egress/webhook.ts";
import { recordAudit } from "../audit/record.ts";
import { conflict } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idOutput, overlapInput } from "../schemas/fields.ts";
import { countActiveSecrets, expireSecrets, insertSecret } from "./store.ts";
import { lockedEndpoint } from "./visible.ts";

/** A day, as Svix gives. */
const overlapDefaultS = 86_400;
/** Each one adds a signature to every request. */
const olderSecretsMax = 9;

export const rotateSecret = route({
  method: "POST",
  path: "/v1/endpoints/{id}/rotate-secret",
  tag: "Endpoints",
  name: "rotateSecret",
  summary: "Make a new signing secret",
  description: `Both sign for \`overlap_s\` seconds (${overlapDefaultS} unless given; 0: the old one stops at once). The new one is shown in this answer only.`,
  access: "any",
  ids: { id: "endpoint" },
  body: z.strictObject({ overlap_s: overlapInput.default(overlapDefaultS) }),
  bodyOptional: true,
  example: { overlap_s: 3600 },
  answers: {
    200: {
      means: "The secret",
      schema: z
        .object({ id: idOutput("endpoint"), secret: z.string().meta({ examples: ["whsec_…"] }) })
        .meta({ id: "EndpointSecret" }),
    },
  },
  problems: { 409: `More than ${olderSecretsMax} older secrets still sign.` },
  async handle({ caller, ids, body }, deps) {
    const secret = newWebhookSecret();
    const rotated = await deps.db.transaction(async tx => {
      const endpoint = await lockedEndpoint(caller, ids.id, tx);
      if (endpoint.kind === "problem") return endpoint;
      const { shard, id: endpointId, merchantId } = endpoint.row;
      await expireSecrets(tx, endpoint.row, body.overlap_s);
      if ((await countActiveSecrets(tx, endpoint.row)) > olderSecretsMax) {
        return conflict(`More than ${olderSecretsMax} older secrets still sign: end them with overlap_s 0.`);
      }
      const id = newUuid(shard);
      await insertSecret(tx, { shard, id, endpointId, secret: deps.box.seal(secret, sealContext.endpointSecret(id)) });
      const subject = publicId("endpoint", endpointId);
      await recordAudit(tx, caller, { shard, merchantId, action: "endpoint.secret_rotated", subject, detail: body });
      return endpoint;
    });
    if (rotated.kind === "problem") return rotated;
    await deps.changed({ endpointId: ids.id, merchantId: rotated.row.merchantId });
    return ok({ id: publicId("endpoint", ids.id), secret });
  },
});
