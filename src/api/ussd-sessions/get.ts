import { findSession } from "../../answer/ussd/sessions-store.ts";
import { shardOf } from "../../domain/ids.ts";
import { ussdSessionJson } from "../../domain/ussd-session.ts";
import { ok } from "../answer.ts";
import { boundTo } from "../caller.ts";
import { notFound } from "../problem.ts";
import { route } from "../route.ts";
import { sessionSchema } from "./session-schema.ts";

export const getUssdSession = route({
  method: "GET",
  path: "/v1/ussd-sessions/{id}",
  tag: "USSD",
  name: "getUssdSession",
  summary: "Get a USSD session with its hops",
  description: "Each hop with what was typed, what was answered, by whom and how fast.",
  access: "any",
  ids: { id: "session" },
  answers: { 200: { means: "The session", schema: sessionSchema } },
  async handle({ caller, ids }, { sql }) {
    const session = await findSession(sql, { shard: shardOf(ids.id), id: ids.id, merchantId: boundTo(caller) });
    return session === null ? notFound("There is no such session.") : ok(ussdSessionJson(session));
  },
});
