import { sessionsIn } from "../answer/ussd/sessions-store.ts";
import type { Ports } from "../api/ports.ts";
import type { Directory } from "../connections/directory.ts";
import type { Sql } from "../database/connect.ts";
import type { DeliverCommands } from "../deliver/commands/commands.ts";
import { requeueCallback } from "../settle/inbox/inbox-store.ts";
import { settleItem } from "../settle/item.ts";
import type { Settler } from "../settle/settler.ts";

type Deps = Pick<Ports, "changed" | "poll" | "registerUrls" | "reconcile"> & {
  sql: Sql;
  settler: Settler;
  directory: Directory;
  deliver: DeliverCommands;
  resolve: Ports["settle"]["resolve"];
  /** A shard has a callback to read. */
  wakeInbox(shard: number): void;
};

/** What the rooms do for the management API. */
export function apiPorts(deps: Deps): Ports {
  const { sql, settler, directory, deliver, changed, poll, registerUrls, reconcile } = deps;
  return {
    changed,
    poll,
    registerUrls,
    reconcile,
    deliver,
    sessions: sessionsIn(sql),
    settle: {
      async register({ shard, connectionId, registration }) {
        const connection = await directory.byId(shard, connectionId);
        if (!connection) throw new Error(`connection ${connectionId} is gone`);
        const settled = await settler.settle(shard, settleItem(connection, { registration }));
        return { transactionId: settled.transactionIds[0]!, created: settled.created };
      },
      resolve: deps.resolve,
      async reprocess({ shard, callbackId }) {
        if (!(await requeueCallback(sql, shard, callbackId))) return "gone";
        deps.wakeInbox(shard);
        return "queued";
      },
    },
  };
}
