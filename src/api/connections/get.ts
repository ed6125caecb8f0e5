import { ok } from "../response.ts";
import { route } from "../route.ts";
import { connectionJson, connectionSchema } from "./connection-json.ts";
import { visibleConnection } from "./visible.ts";

export const getConnection = route({
  method: "GET",
  path: "/v1/connections/{id}",
  tag: "Connections",
  name: "getConnection",
  summary: "Get a connection",
  description: "With the callback URLs of its newest token. Of secrets only the names.",
  access: "any",
  ids: { id: "connection" },
  answers: { 200: { means: "The connection", schema: connectionSchema } },
  async handle({ caller, ids }, deps) {
    const connection = await visibleConnection(caller, ids.id, deps.db);
    return connection.kind === "problem" ? connection : ok(await connectionJson(connection.row, deps, deps.db));
  },
});
