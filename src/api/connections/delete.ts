import { sql } from "drizzle-orm";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { expireTokens, updateConnection } from "./store.ts";
import { lockedConnection } from "./visible.ts";

export const deleteConnection = route({
  method: "DELETE",
  path: "/v1/connections/{id}",
  tag: "Connections",
  name: "deleteConnection",
  summary: "Delete a connection",
  description: "Its callback URLs answer 404 from now on. What was received and settled stays.",
  access: "any",
  ids: { id: "connection" },
  answers: { 204: { means: "Deleted", schema: null } },
  async handle({ caller, ids }, deps) {
    const deleted = await deps.db.transaction(async tx => {
      const connection = await lockedConnection(caller, ids.id, tx);
      if (connection.kind === "problem") return connection;
      const { row } = connection;
      await updateConnection(tx, row, { deletedAt: sql`now()` });
      await expireTokens(tx, row, 0);
      const { shard, merchantId } = row;
      const subject = publicId("connection", row.id);
      await recordAudit(tx, caller, { shard, merchantId, action: "connection.deleted", subject });
      return connection;
    });
    if (deleted.kind === "problem") return deleted;
    await deps.changed({ connectionId: ids.id, merchantId: deleted.row.merchantId });
    return noContent();
  },
});
