import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { type RegisterUrlsResult, registerUrls } from "../../reconcile/register-urls.ts";
import { type ApiAnswer, ok } from "../answer.ts";
import { recordAudit } from "../audit/record.ts";
import { conflict, throttled, unavailable } from "../problem.ts";
import { route } from "../route.ts";
import { connectionJson } from "./connection-json.ts";
import { visibleConnection } from "./visible.ts";

const registeredSchema = z
  .object({
    registered: z
      .record(z.string(), z.string())
      .meta({ examples: [{ "c2b/confirmation": "https://pay.example.com/in/daraja/2aQ…/c2b/confirmation" }] }),
    detail: z.string().meta({ examples: ["C2B URLs: registered."] }),
  })
  .meta({ id: "RegisteredUrls", description: "The channels and URLs the provider took, and what it said." });

export const registerCallbackUrls = route({
  method: "POST",
  path: "/v1/connections/{id}/register",
  tag: "Connections",
  name: "registerCallbackUrls",
  summary: "Register the callback URLs at the provider",
  description: "For Daraja's C2B and for Kyanda. Most providers take a registration only once.",
  access: "any",
  ids: { id: "connection" },
  answers: { 200: { means: "The provider took them", schema: registeredSchema } },
  problems: {
    409: "The provider has no such call, refused it, or a credential it needs is not set.",
    429: "The provider wants us to wait.",
    503: "The provider did not answer.",
  },
  async handle({ caller, ids }, deps) {
    const connection = await visibleConnection(caller, ids.id, deps.db);
    if (connection.kind === "problem") return connection;
    const { shard, id, merchantId } = connection.row;
    const { callback_urls } = await connectionJson(connection.row, deps, deps.db);
    const outcome = await registerUrls(deps.reconcile, { shard, connectionId: id, callbackUrls: callback_urls });
    if (outcome.kind === "registered") {
      const subject = publicId("connection", id);
      const detail = { channels: Object.keys(outcome.urls) };
      await recordAudit(deps.db, caller, { shard, merchantId, action: "connection.urls_registered", subject, detail });
    }
    return answerOf(outcome);
  },
});

function answerOf(outcome: RegisterUrlsResult): ApiAnswer {
  switch (outcome.kind) {
    case "registered":
      return ok({ registered: outcome.urls, detail: outcome.detail });
    case "unsupported":
    case "refused":
      return conflict(outcome.detail);
    case "throttled":
      return throttled("The provider wants us to wait before asking again.", outcome.retryAfterS);
    case "unavailable":
      return unavailable(outcome.detail, 10);
  }
}
