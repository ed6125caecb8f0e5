import { findSession } from "../../answer/ussd/sessions-store.ts";
import { shardOf } from "../../domain/ids.ts";
import { ussdSessionJson } from "../../domain/ussd-session.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { sessionSchema } from "./session-schema.ts";

export const getUssdSession = route({
  method: "GET",
  path: "/v1/ussd-sessions/{id}",
  tag: "USSD",
  name: "getUssdSession",
  summary: "Get a USSD session with its hops",
  description: "Each hop with its input and answer, who answered, and the latency.",
  access: "any",
  ids: { id: "session" },
  responses: { 200: { description: "The session", schema: sessionSchema } },
  async handle({ caller, ids }, { sql }) {
    const session = await findSession(sql, { shard: shardOf(ids.id), id: ids.id, merchantId: merchantScope(caller) });
    return session === null ? noSuch("session") : ok(ussdSessionJson(session));
  },
});
