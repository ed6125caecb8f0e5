import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { exampleId, idOutput, timeOutput } from "../schemas/fields.ts";
import { type AuditRow, auditById, auditIds } from "./store.ts";

const auditSchema = z
  .object({
    id: idOutput("audit"),
    merchant_id: idOutput("merchant").nullable().meta({ description: "null: the whole installation" }),
    actor: z.string().meta({ description: "`admin`, or the id of an API key", examples: ["admin"] }),
    action: z.string().meta({ examples: ["connection.changed"] }),
    subject: z.string().meta({ description: "The id of what was changed", examples: [exampleId("connection")] }),
    detail: z.record(z.string(), z.unknown()).meta({ examples: [{ fields: ["settings"] }] }),
    created_at: timeOutput,
  })
  .meta({ id: "AuditEntry" });

/** The shard of entries about the whole installation. */
const installationShard = 0;

export const listAudit = route({
  method: "GET",
  path: "/v1/audit",
  tag: "Audit",
  name: "listAudit",
  summary: "List who changed what",
  description: "Newest first. A merchant's key gets the entries of its merchant.",
  access: "any",
  query: z.strictObject({ ...listQuery, action: z.string().optional(), subject: z.string().optional() }),
  responses: { 200: { description: "A page of entries", schema: listOf(auditSchema) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [], db);
    if (scope.kind === "problem") return scope;
    const { merchantId } = scope;
    const shards = merchantId === null ? [...new Set([installationShard, ...scope.shards])] : scope.shards;
    const { rows, nextCursor } = await newestFirst(
      shards,
      query,
      (shard, slice) => auditIds(db, shard, slice, { ...query, merchantId }),
      (shard, ids) => auditById(db, shard, ids),
    );
    return ok({ data: rows.map(auditJson), next_cursor: nextCursor });
  },
});

function auditJson(row: AuditRow) {
  return {
    id: publicId("audit", row.id),
    merchant_id: row.merchantId === null ? null : publicId("merchant", row.merchantId),
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    detail: row.detail,
    created_at: row.createdAt.toISOString(),
  };
}
