import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { callbackSchema, callbacksJson } from "./callback-json.ts";
import { findCallback } from "./store.ts";

export const getCallback = route({
  method: "GET",
  path: "/v1/callbacks/{id}",
  tag: "Callbacks",
  name: "getCallback",
  summary: "Get a callback",
  description: "What was read in it, and the response that the provider got. The bytes are at `/body`.",
  access: "any",
  ids: { id: "callback" },
  responses: { 200: { description: "The callback", schema: callbackSchema } },
  async handle({ caller, ids }, deps) {
    const callback = await findCallback(deps.db, ids.id, merchantScope(caller));
    if (callback === null) return noSuch("callback");
    const [json] = await callbacksJson([callback], deps);
    return ok(json!);
  },
});
