import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { endpointJson, endpointWithHealthSchema, healthJson } from "./endpoint-json.ts";
import { countPending, findEndpoint } from "./store.ts";

export const getEndpoint = route({
  method: "GET",
  path: "/v1/endpoints/{id}",
  tag: "Endpoints",
  name: "getEndpoint",
  summary: "Get an endpoint with its health",
  description: "Its health says since when it fails, and how many deliveries are pending.",
  access: "any",
  ids: { id: "endpoint" },
  responses: { 200: { description: "The endpoint", schema: endpointWithHealthSchema } },
  async handle({ caller, ids }, { db }) {
    const endpoint = await findEndpoint(db, ids.id, merchantScope(caller));
    if (endpoint === null) return noSuch("endpoint");
    const pending = await countPending(db, endpoint);
    return ok({ ...endpointJson(endpoint), health: healthJson(endpoint, pending) });
  },
});
