import { publicId } from "../../domain/ids.ts";
import { gone } from "../problem.ts";
import type { ApiResponse } from "../response.ts";
import { route } from "../route.ts";
import { findBody } from "./store.ts";
import { visibleCallback } from "./visible.ts";

/** What no browser runs. Anything else a stranger declared is shown as bytes. */
const harmlessTypes = ["application/json", "application/x-www-form-urlencoded", "text/plain"];

export const getCallbackBody = route({
  method: "GET",
  path: "/v1/callbacks/{id}/body",
  tag: "Callbacks",
  name: "getCallbackBody",
  summary: "Get the exact bytes of a callback",
  description: "The bytes as the provider sent them, to be downloaded. Gone after `HAKIKA_RETENTION_DAYS`.",
  access: "any",
  ids: { id: "callback" },
  answers: { 200: { means: "The bytes as they came", schema: "bytes" } },
  problems: { 410: "The body was dropped by retention." },
  async handle({ caller, ids }, { db }): Promise<ApiResponse> {
    const callback = await visibleCallback(caller, ids.id, db);
    if (callback.kind === "problem") return callback;
    const stored = await findBody(db, ids.id);
    if (stored === null)
      return gone("The body was dropped by retention (HAKIKA_RETENTION_DAYS); what it said was kept.");
    const declared = (stored.headers as Record<string, string>)["content-type"]
      ?.replace(/;.*$/s, "")
      .trim()
      .toLowerCase();
    const type = harmlessTypes.find(each => each === declared) ?? "application/octet-stream";
    return {
      kind: "bytes",
      status: 200,
      body: stored.body,
      headers: {
        "content-type": type,
        "content-disposition": `attachment; filename="${publicId("callback", callback.row.id)}.bin"`,
        "content-security-policy": "default-src 'none'; sandbox",
      },
    };
  },
});
