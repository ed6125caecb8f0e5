import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { type RegisterUrlsResult, registerUrls } from "../../reconcile/register-urls.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { conflict, noSuch, throttled, unavailable } from "../problem.ts";
import { type ApiResponse, ok } from "../response.ts";
import { route } from "../route.ts";
import { connectionJson } from "./connection-json.ts";
import { findConnection } from "./store.ts";

const registeredSchema = z
  .object({
    registered: z
      .record(z.string(), z.string())
      .meta({ examples: [{ "c2b/confirmation": "https://pay.example.com/in/daraja/2aQ…/c2b/confirmation" }] }),
    detail: z.string().meta({ examples: ["C2B URLs: registered."] }),
  })
  .meta({ id: "RegisteredUrls", description: "The channels and URLs that the provider accepted, and its own words." });

export const registerCallbackUrls = route({
  method: "POST",
  path: "/v1/connections/{id}/register",
  tag: "Connections",
  name: "registerCallbackUrls",
  summary: "Register the callback URLs at the provider",
  description:
    "Works for Daraja's C2B URLs, Kyanda, Kopo Kopo's webhooks and Pesapal's IPN. Many providers accept a " +
    "registration only once.",
  access: "any",
  ids: { id: "connection" },
  responses: { 200: { description: "The provider accepted the URLs", schema: registeredSchema } },
  problems: {
    409: "The provider has no such call or refused the URLs, or a credential for the call is missing.",
    429: "The provider limits calls: wait.",
    503: "The provider did not respond.",
  },
  async handle({ caller, ids }, deps) {
    const connection = await findConnection(deps.db, ids.id, merchantScope(caller));
    if (connection === null) return noSuch("connection");
    const { shard, id, merchantId } = connection;
    const { callback_urls } = await connectionJson(connection, deps, deps.db);
    const result = await registerUrls(deps.reconcile, { shard, connectionId: id, callbackUrls: callback_urls });
    if (result.kind === "registered") {
      const subject = publicId("connection", id);
      const detail = { channels: Object.keys(result.urls) };
      await deps.db.transaction(tx =>
        recordAudit(tx, caller, { shard, merchantId, action: "connection.urls_registered", subject, detail }),
      );
    }
    return responseOf(result);
  },
});

function responseOf(result: RegisterUrlsResult): ApiResponse {
  switch (result.kind) {
    case "registered":
      return ok({ registered: result.urls, detail: result.detail });
    case "unsupported":
    case "refused":
      return conflict(result.detail);
    case "throttled":
      return throttled("The provider limits calls. Try again later.", result.retryAfterS);
    case "unavailable":
      return unavailable(result.detail, 10);
  }
}
