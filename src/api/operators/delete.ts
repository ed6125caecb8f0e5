import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { operatorShard } from "../auth/api-key.ts";
import { noSuch } from "../problem.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { deleteOperator } from "./store.ts";

export const removeOperator = route({
  method: "DELETE",
  path: "/v1/operators/{id}",
  tag: "Operators",
  name: "deleteOperator",
  summary: "Delete an operator",
  description: "The key and its sessions of the console end at once in this process, and within 5 s in every other.",
  access: "admin",
  ids: { id: "operator" },
  responses: { 204: { description: "Deleted", schema: null } },
  async handle({ caller, ids }, { db, keys, changed }) {
    const deleted = await db.transaction(async tx => {
      const operator = await deleteOperator(tx, ids.id);
      if (operator === null) return false;
      await recordAudit(tx, caller, {
        shard: operatorShard,
        merchantId: null,
        action: "operator.deleted",
        subject: publicId("operator", ids.id),
        before: { name: operator.name, role: operator.role },
      });
      return true;
    });
    if (!deleted) return noSuch("operator");
    keys.forgetOperators();
    await changed({ operators: true });
    return noContent();
  },
});
