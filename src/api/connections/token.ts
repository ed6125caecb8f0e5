import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { accessToken } from "../../reconcile/calls/call-provider.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { conflict } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { timeOutput } from "../schemas/fields.ts";
import { callableConnection, callProblem, lacksCredentials } from "./provider-call.ts";

const tokenSchema = z
  .object({
    access_token: z.string().meta({ description: "A secret: it acts for the merchant", examples: ["0v4mI0QyJ8n2"] }),
    expires_at: timeOutput,
  })
  .meta({ id: "AccessToken" });

export const handOutToken = route({
  method: "POST",
  path: "/v1/connections/{id}/token",
  tag: "Connections",
  name: "handOutToken",
  summary: "Get the provider's access token",
  description:
    "The one that Hakika holds, fetched where there is none. A provider's new token ends the one before: programs " +
    "that take theirs from here do not end each other's. Handing it out is audited.",
  access: "any",
  scope: "start",
  idempotency: "none",
  ids: { id: "connection" },
  body: z.strictObject({
    name: z
      .string()
      .optional()
      .meta({ description: "Where the provider has several (MTN: `collection`, `disbursement`)" }),
  }),
  bodyOptional: true,
  example: {},
  responses: { 200: { description: "The token", schema: tokenSchema } },
  problems: {
    409: "The provider has no access tokens, refused the credentials, or a credential is missing.",
    429: "The provider limits calls: wait.",
    503: "The provider did not respond.",
  },
  async handle({ caller, ids, body }, deps) {
    const found = await callableConnection(deps, ids.id, merchantScope(caller));
    if (found.kind === "problem") return found;
    const { account, context, row } = found;
    const { token, tokens = {}, name: providerName } = account.provider;
    const names = Object.keys(tokens);
    const name = body.name ?? (token === null && names.length > 0 ? names[0]! : null);
    const call = name === null ? token : (tokens[name] ?? null);
    if (call === null) {
      if (name === null) return conflict(`${providerName} has no access tokens.`);
      return conflict(`${providerName} has no access token of that name, but ${names.join(", ") || "none"}.`);
    }
    const lacking = lacksCredentials("The access token", call.credentials, found);
    if (lacking !== null) return lacking;
    const answer = await accessToken(deps.reconcile, account, name, context);
    if (answer.kind !== "token") return callProblem("Access token", answer);
    const { shard, merchantId, id } = row;
    const subject = publicId("connection", id);
    const detail = { name, expires_at: answer.expiresAt.toISOString() };
    await deps.db.transaction(tx =>
      recordAudit(tx, caller, { shard, merchantId, action: "connection.token_handed_out", subject, detail }),
    );
    return ok({ access_token: answer.token, expires_at: answer.expiresAt.toISOString() });
  },
});
