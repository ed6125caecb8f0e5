import { sql } from "drizzle-orm";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { expireSecrets, updateEndpoint } from "./store.ts";
import { lockedEndpoint } from "./visible.ts";

export const deleteEndpoint = route({
  method: "DELETE",
  path: "/v1/endpoints/{id}",
  tag: "Endpoints",
  name: "deleteEndpoint",
  summary: "Delete an endpoint",
  description: "What waits for it is given up. Its deliveries stay to be read.",
  access: "any",
  ids: { id: "endpoint" },
  answers: { 204: { means: "Deleted", schema: null } },
  async handle({ caller, ids }, deps) {
    const deleted = await deps.db.transaction(async tx => {
      const endpoint = await lockedEndpoint(caller, ids.id, tx);
      if (endpoint.kind === "problem") return endpoint;
      const { row } = endpoint;
      await updateEndpoint(tx, row, { deletedAt: sql`now()`, enabled: false });
      await expireSecrets(tx, row, 0);
      const { shard, merchantId } = row;
      await recordAudit(tx, caller, {
        shard,
        merchantId,
        action: "endpoint.deleted",
        subject: publicId("endpoint", row.id),
      });
      return endpoint;
    });
    if (deleted.kind === "problem") return deleted;
    await deps.changed({ endpointId: ids.id, merchantId: deleted.row.merchantId });
    return noContent();
  },
});
