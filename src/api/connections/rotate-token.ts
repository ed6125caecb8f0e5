import { z } from "zod";
import { hashOfToken, newCallbackToken } from "../../connections/token.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { conflict } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { overlapInput } from "../schemas/fields.ts";
import { connectionJson, connectionSchema } from "./connection-json.ts";
import { activeTokens, expireTokens, insertToken } from "./store.ts";
import { lockedConnection } from "./visible.ts";

/** Beside the new one. More means that somebody rotates in a loop and never revokes. */
const olderTokensMax = 20;

export const rotateToken = route({
  method: "POST",
  path: "/v1/connections/{id}/rotate-token",
  tag: "Connections",
  name: "rotateToken",
  summary: "Give a connection new callback URLs",
  description:
    "Older URLs die after `overlap_s` seconds, at once with 0, and live on where it is left out: providers register a URL once.",
  access: "any",
  ids: { id: "connection" },
  body: z.strictObject({ overlap_s: overlapInput.optional() }),
  bodyOptional: true,
  example: { overlap_s: 86_400 },
  answers: { 200: { means: "The connection with its new `callback_urls`", schema: connectionSchema } },
  problems: { 409: `More than ${olderTokensMax} older tokens live on.` },
  async handle({ caller, ids, body }, deps) {
    const rotated = await deps.db.transaction(async tx => {
      const connection = await lockedConnection(caller, ids.id, tx);
      if (connection.kind === "problem") return connection;
      const { shard, id, merchantId } = connection.row;
      if (body.overlap_s !== undefined) await expireTokens(tx, connection.row, body.overlap_s);
      if ((await activeTokens(tx, shard, [id])).length > olderTokensMax) {
        return conflict(`More than ${olderTokensMax} older tokens live on: let them die by sending overlap_s.`);
      }
      const token = newCallbackToken(shard);
      const sealed = deps.box.seal(token, sealContext.callbackToken(id));
      await insertToken(tx, { shard, connectionId: id, tokenHash: hashOfToken(token), token: sealed });
      const detail = { overlap_s: body.overlap_s ?? null };
      const subject = publicId("connection", id);
      await recordAudit(tx, caller, { shard, merchantId, action: "connection.token_rotated", subject, detail });
      return connection;
    });
    if (rotated.kind === "problem") return rotated;
    await deps.changed({ connectionId: ids.id, merchantId: rotated.row.merchantId });
    return ok(await connectionJson(rotated.row, deps, deps.db));
  },
});
