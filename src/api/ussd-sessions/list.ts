import { z } from "zod";
import { listSessions } from "../../answer/ussd/sessions-store.ts";
import { type UssdSession, ussdSessionJson } from "../../domain/ussd-session.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput } from "../schemas/fields.ts";
import { sessionSchema } from "./session-schema.ts";

export const listUssdSessions = route({
  method: "GET",
  path: "/v1/ussd-sessions",
  tag: "USSD",
  name: "listUssdSessions",
  summary: "List USSD sessions",
  description: "Newest first, each with its hops.",
  access: "any",
  query: z.strictObject({ ...listQuery, connection_id: idInput("connection").optional() }),
  responses: { 200: { description: "A page of sessions", schema: listOf(sessionSchema) } },
  async handle({ caller, query }, { db, sql }) {
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const { merchantId } = scope;
    const connectionId = query.connection_id ?? null;
    const listed = new Map<string, UssdSession>();
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      async (shard, slice) => {
        const page = await listSessions(sql, { shard, merchantId, connectionId, ...slice });
        for (const session of page) listed.set(session.id, session);
        return page;
      },
      async (_, ids) => ids.map(id => listed.get(id)!),
    );
    return ok({ data: rows.map(ussdSessionJson), next_cursor: nextCursor });
  },
});
