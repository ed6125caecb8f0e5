import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { connectionJson, connectionSchema } from "./connection-json.ts";
import { findConnection } from "./store.ts";

export const getConnection = route({
  method: "GET",
  path: "/v1/connections/{id}",
  tag: "Connections",
  name: "getConnection",
  summary: "Get a connection",
  description: "With the callback URLs of its newest token. Secrets are not shown.",
  access: "any",
  ids: { id: "connection" },
  responses: { 200: { description: "The connection", schema: connectionSchema } },
  async handle({ caller, ids }, deps) {
    const connection = await findConnection(deps.db, ids.id, merchantScope(caller));
    return connection === null ? noSuch("connection") : ok(await connectionJson(connection, deps, deps.db));
  },
});
