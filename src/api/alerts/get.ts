import { alertJson } from "../../domain/alerts.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { alertSchema } from "./alert-schema.ts";
import { findAlert } from "./store.ts";

export const getAlert = route({
  method: "GET",
  path: "/v1/alerts/{id}",
  tag: "Alerts",
  name: "getAlert",
  summary: "Get an alert",
  description: "Open until its cause is gone.",
  access: "any",
  ids: { id: "alert" },
  responses: { 200: { description: "The alert", schema: alertSchema } },
  async handle({ caller, ids }, { db }) {
    const row = await findAlert(db, ids.id, merchantScope(caller));
    return row === null ? noSuch("alert") : ok(alertJson(row));
  },
});
