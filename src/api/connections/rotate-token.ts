import { z } from "zod";
import { hashOfToken, newCallbackToken } from "../../connections/token.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { conflict, noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { overlapInput } from "../schemas/fields.ts";
import { connectionJson, connectionSchema } from "./connection-json.ts";
import { activeTokens, expireTokens, insertToken, lockConnection } from "./store.ts";

/** Older tokens beside the new one. More are the sign of a script that rotates in a loop and never revokes. */
const olderTokensMax = 20;

export const rotateToken = route({
  method: "POST",
  path: "/v1/connections/{id}/rotate-token",
  tag: "Connections",
  name: "rotateToken",
  summary: "Give a connection new callback URLs",
  description:
    "Older URLs stop working after `overlap_s` seconds: at once with 0, never without it. Leaked URL? " +
    '`{"overlap_s": 0}`.',
  access: "any",
  ids: { id: "connection" },
  body: z.strictObject({ overlap_s: overlapInput.optional() }),
  bodyOptional: true,
  example: { overlap_s: 86_400 },
  responses: { 200: { description: "The connection with its new `callback_urls`", schema: connectionSchema } },
  problems: { 409: `More than ${olderTokensMax} older tokens are active.` },
  async handle({ caller, ids, body }, deps) {
    const rotated = await deps.db.transaction(async tx => {
      const row = await lockConnection(tx, ids.id, merchantScope(caller));
      if (row === null) return noSuch("connection");
      const { shard, id, merchantId } = row;
      if (body.overlap_s !== undefined) await expireTokens(tx, row, body.overlap_s);
      if ((await activeTokens(tx, shard, [id])).length > olderTokensMax) {
        return conflict(`More than ${olderTokensMax} older tokens are active. Send overlap_s to end them.`);
      }
      const token = newCallbackToken(shard, deps.providers.get(row.provider)?.refusedUrlWords);
      const sealed = deps.box.seal(token, sealContext.callbackToken(id));
      await insertToken(tx, { shard, connectionId: id, tokenHash: hashOfToken(token), token: sealed });
      const detail = { overlap_s: body.overlap_s ?? null };
      const subject = publicId("connection", id);
      await recordAudit(tx, caller, { shard, merchantId, action: "connection.token_rotated", subject, detail });
      return { kind: "rotated" as const, row };
    });
    if (rotated.kind === "problem") return rotated;
    await deps.changed({ connectionId: ids.id, merchantId: rotated.row.merchantId });
    return ok(await connectionJson(rotated.row, deps, deps.db));
  },
});
