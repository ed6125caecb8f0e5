import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { exampleId, idOutput, timeOutput } from "../schemas/fields.ts";
import { type AuditRow, auditById, auditIds } from "./store.ts";

const facts = z.record(z.string(), z.unknown()).nullable();

const auditSchema = z
  .object({
    id: idOutput("audit"),
    merchant_id: idOutput("merchant").nullable().meta({ description: "null: the whole installation" }),
    at: timeOutput,
    actor: z.object({
      kind: z.enum(["admin", "operator", "key", "hakika", "unknown"]).meta({
        description: "`hakika`: the program itself; `unknown`: a key that was refused",
        examples: ["operator"],
      }),
      id: z.string().meta({ description: "`admin`, or the id of an operator or a key", examples: ["admin"] }),
      name: z
        .string()
        .nullable()
        .meta({ examples: ["Wanjiru"] }),
      address: z
        .string()
        .nullable()
        .meta({ description: "Where the call came from", examples: ["192.0.2.7"] }),
    }),
    action: z.string().meta({ examples: ["connection.changed"] }),
    subject: z.string().meta({ description: "The id of what was changed", examples: [exampleId("connection")] }),
    before: facts.meta({
      description: "The changed fields as they were; secrets by their names alone",
      examples: [{ settings: { confirm_above: "50000.00" } }],
    }),
    after: facts.meta({
      description: "The changed fields as they are, or what was done",
      examples: [{ settings: { confirm_above: "10000.00" } }],
    }),
  })
  .meta({ id: "AuditEntry" });

/** The shard of entries about the whole installation. */
const installationShard = 0;

export const listAudit = route({
  method: "GET",
  path: "/v1/audit",
  tag: "Audit",
  name: "listAudit",
  summary: "List who did what",
  description:
    "Newest first: changes with the values before and after, sign-ins and refused ones, reads of bodies, exports. " +
    "A merchant's key gets the entries of its merchant. Entries are chained by hash; `hakika doctor` checks them.",
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
    at: row.createdAt.toISOString(),
    actor: {
      kind: row.actorKind ?? kindBefore(row.actor),
      id: row.actor,
      name: row.actorName,
      address: row.actorAddress,
    },
    action: row.action,
    subject: row.subject,
    before: row.before,
    after: row.after ?? row.detail,
  };
}

/** Entries from before the chain have the actor's id alone. */
function kindBefore(actor: string): string {
  if (actor === "admin") return "admin";
  return actor.startsWith("key_") ? "key" : "hakika";
}
