import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { audited } from "./apply-patch.ts";
import { withoutSecrets } from "./connection-columns.ts";
import { deleteTokens, lockConnection, markDeleted } from "./store.ts";

export const deleteConnection = route({
  method: "DELETE",
  path: "/v1/connections/{id}",
  tag: "Connections",
  name: "deleteConnection",
  summary: "Delete a connection",
  description:
    "Its callback URLs respond with 404 from now on. Its callbacks and transactions are kept, its secrets erased.",
  access: "any",
  ids: { id: "connection" },
  responses: { 204: { description: "Deleted", schema: null } },
  async handle({ caller, ids }, deps) {
    const deleted = await deps.db.transaction(async tx => {
      const row = await lockConnection(tx, ids.id, merchantScope(caller));
      if (row === null) return null;
      await markDeleted(tx, row, withoutSecrets(row.id, deps.box));
      await deleteTokens(tx, row);
      const { shard, merchantId } = row;
      const subject = publicId("connection", row.id);
      await recordAudit(tx, caller, { shard, merchantId, action: "connection.deleted", subject, before: audited(row) });
      return row;
    });
    if (deleted === null) return noSuch("connection");
    await deps.changed({ connectionId: ids.id, merchantId: deleted.merchantId });
    return noContent();
  },
});
