import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { gone, noSuch } from "../problem.ts";
import type { ApiResponse } from "../response.ts";
import { route } from "../route.ts";
import { findBody, findCallback } from "./store.ts";

/** Types that no browser executes. A body of any other declared type is served as plain bytes. */
const safeTypes = ["application/json", "application/x-www-form-urlencoded", "text/plain"];

export const getCallbackBody = route({
  method: "GET",
  path: "/v1/callbacks/{id}/body",
  tag: "Callbacks",
  name: "getCallbackBody",
  summary: "Get the exact bytes of a callback",
  description:
    "The bytes as the provider sent them, as a download; of a callback without a body, the query of its URL. " +
    "Dropped after `HAKIKA_RETENTION_DAYS`.",
  access: "any",
  role: "support",
  ids: { id: "callback" },
  responses: { 200: { description: "The bytes as they arrived", schema: "bytes" } },
  problems: { 410: "The body was dropped by retention." },
  async handle({ caller, ids }, { db, sql }): Promise<ApiResponse> {
    const callback = await findCallback(db, ids.id, merchantScope(caller));
    if (callback === null) return noSuch("callback");
    const stored = await findBody(db, ids.id, sql.vault);
    if (stored === null) {
      return gone("The body was dropped by retention (HAKIKA_RETENTION_DAYS). The evidence read from it is kept.");
    }
    const { shard, merchantId } = callback;
    const subject = publicId("callback", ids.id);
    await db.transaction(tx => recordAudit(tx, caller, { shard, merchantId, action: "callback.body_read", subject }));
    const isQuery = stored.body.length === 0 && stored.query !== "";
    const declared = stored.headers["content-type"]?.replace(/;.*$/s, "").trim().toLowerCase();
    const type = safeTypes.find(each => each === declared) ?? "application/octet-stream";
    return {
      kind: "bytes",
      status: 200,
      body: isQuery ? Buffer.from(stored.query) : stored.body,
      headers: {
        "content-type": isQuery ? "application/x-www-form-urlencoded" : type,
        "content-disposition": `attachment; filename="${subject}.bin"`,
        "content-security-policy": "default-src 'none'; sandbox",
      },
    };
  },
});
