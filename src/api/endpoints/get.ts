import { ok } from "../response.ts";
import { route } from "../route.ts";
import { endpointJson, endpointWithHealthSchema, healthJson } from "./endpoint-json.ts";
import { countPending } from "./store.ts";
import { visibleEndpoint } from "./visible.ts";

export const getEndpoint = route({
  method: "GET",
  path: "/v1/endpoints/{id}",
  tag: "Endpoints",
  name: "getEndpoint",
  summary: "Get an endpoint with its health",
  description: "With its health: since when it fails, and how much waits for it.",
  access: "any",
  ids: { id: "endpoint" },
  answers: { 200: { means: "The endpoint", schema: endpointWithHealthSchema } },
  async handle({ caller, ids }, { db }) {
    const endpoint = await visibleEndpoint(caller, ids.id, db);
    if (endpoint.kind === "problem") return endpoint;
    const pending = await countPending(db, endpoint.row);
    return ok({ ...endpointJson(endpoint.row), health: healthJson(endpoint.row, pending) });
  },
});
