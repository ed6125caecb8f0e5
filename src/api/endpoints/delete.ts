import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { audited, withoutHeaders } from "./endpoint-columns.ts";
import { deleteSecrets, lockEndpoint, markDeleted } from "./store.ts";

export const deleteEndpoint = route({
  method: "DELETE",
  path: "/v1/endpoints/{id}",
  tag: "Endpoints",
  name: "deleteEndpoint",
  summary: "Delete an endpoint",
  description: "Its pending deliveries fail. They can still be read. Its secrets are erased.",
  access: "any",
  ids: { id: "endpoint" },
  responses: { 204: { description: "Deleted", schema: null } },
  async handle({ caller, ids }, deps) {
    const deleted = await deps.db.transaction(async tx => {
      const row = await lockEndpoint(tx, ids.id, merchantScope(caller));
      if (row === null) return null;
      await markDeleted(tx, row, withoutHeaders(row.id, deps.box));
      await deleteSecrets(tx, row);
      const { shard, merchantId } = row;
      await recordAudit(tx, caller, {
        shard,
        merchantId,
        action: "endpoint.deleted",
        subject: publicId("endpoint", row.id),
        before: audited(row),
      });
      return row;
    });
    if (deleted === null) return noSuch("endpoint");
    await deps.changed({ endpointId: ids.id, merchantId: deleted.merchantId });
    return noContent();
  },
});
