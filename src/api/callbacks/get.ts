import { ok } from "../response.ts";
import { route } from "../route.ts";
import { callbackSchema, callbacksJson } from "./callback-json.ts";
import { visibleCallback } from "./visible.ts";

export const getCallback = route({
  method: "GET",
  path: "/v1/callbacks/{id}",
  tag: "Callbacks",
  name: "getCallback",
  summary: "Get a callback",
  description: "What was taken from it, and what the provider was answered. The bytes are at `/body`.",
  access: "any",
  ids: { id: "callback" },
  answers: { 200: { means: "The callback", schema: callbackSchema } },
  async handle({ caller, ids }, deps) {
    const callback = await visibleCallback(caller, ids.id, deps.db);
    if (callback.kind === "problem") return callback;
    const [json] = await callbacksJson([callback.row], deps);
    return ok(json!);
  },
});
