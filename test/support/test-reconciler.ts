import type { Connection } from "../../src/connections/connection.ts";
import { findById } from "../../src/connections/store.ts";
import type { Sql } from "../../src/database/connect.ts";
import type { Registration, Transaction } from "../../src/domain/transaction.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress } from "../../src/egress/client.ts";
import { providers } from "../../src/providers/registry.ts";
import { createAccessTokens } from "../../src/reconcile/calls/access-tokens.ts";
import { disablePolling } from "../../src/reconcile/calls/disable-polling.ts";
import type { ReconcileDeps } from "../../src/reconcile/deps.ts";
import { type PassInput, type PassSummary, runPass } from "../../src/reconcile/pass.ts";
import { type PollNowResult, pollNow } from "../../src/reconcile/poll/poll-now.ts";
import type { BatchResult } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { createSettler } from "../../src/settle/settler.ts";
import { testBox } from "./fixtures.ts";
import { registrationItem, settleDeps, transactionsOf } from "./settling.ts";
import { silentLog } from "./silent-log.ts";
import { silentTelemetry } from "./silent-telemetry.ts";

export type TestReconciler = {
  deps: ReconcileDeps;
  settle(...items: SettleItem[]): Promise<void>;
  /** What follows a settled batch, in the background. `close` waits for it. */
  afterSettling(shard: number, result: BatchResult): void;
  /** Registers a transaction and returns it as it is afterwards. */
  register(connection: Connection, registration: Partial<Registration>): Promise<Transaction>;
  pass(input?: PassInput): Promise<PassSummary>;
  /** Polls one transaction on request of a person. */
  pollNow(t: Transaction): Promise<PollNowResult>;
  /** Moves everything that happened on a connection into the past. */
  backdate(connection: Connection, seconds: number): Promise<void>;
  close(): Promise<void>;
};

/** Settling and reconciling as in one process, with the real providers and calls to loopback addresses only. */
export function testReconciler(sql: Sql, more: Partial<ReconcileDeps> = {}): TestReconciler {
  const egress = createEgress({ allow: [parseRange("127.0.0.0/8")!], userAgent: "hakika-test" });
  const directory = { byId: (shard: number, id: string) => findById(sql, testBox, shard, id) };
  const settler = createSettler({
    ...settleDeps(sql),
    onSettled: (shard, result) => afterSettling(shard, result),
  });
  const disabling: Promise<void>[] = [];
  const afterSettling = (shard: number, result: BatchResult) =>
    void disabling.push(disableStoppedPolling(deps, shard, result));
  const deps: ReconcileDeps = {
    sql,
    box: testBox,
    egress,
    providers,
    directory,
    settler,
    publicUrl: () => "http://127.0.0.1:9",
    log: silentLog,
    telemetry: silentTelemetry,
    tokens: createAccessTokens({ sql, box: testBox, log: silentLog }),
    ...more,
  };
  return {
    deps,
    async settle(...items) {
      await Promise.all(items.map(item => deps.settler.settle(item.connection.shard, item)));
    },
    async register(connection, registration) {
      const settled = await deps.settler.settle(connection.shard, registrationItem(connection, registration));
      const all = await transactionsOf(sql, connection);
      return all.find(t => t.id === settled.transactionIds[0])!;
    },
    pollNow: ({ shard, id }) => pollNow(deps, { shard, transactionId: id }),
    pass: (input = {}) => runPass(deps, input, new AbortController().signal),
    backdate: (connection, seconds) => backdate(sql, connection, seconds),
    afterSettling,
    async close() {
      await Promise.all(disabling);
      await egress.close();
    },
  };
}

/** Disables polling where a settled batch says that polls do harm, as the program does after each commit. */
async function disableStoppedPolling(
  deps: ReconcileDeps,
  shard: number,
  { pollingStops }: Pick<BatchResult, "pollingStops">,
): Promise<void> {
  for (const { connectionId, kind, reason } of pollingStops) {
    const connection = (await deps.directory.byId(shard, connectionId))!;
    await disablePolling(deps, { connection, provider: providers.get(connection.provider)! }, kind, reason);
  }
}

async function backdate(sql: Sql, { shard, id }: Connection, seconds: number): Promise<void> {
  const by = sql`make_interval(secs => ${seconds})`;
  await sql`
    update transactions set created_at = created_at - ${by}, updated_at = updated_at - ${by},
      expires_at = expires_at - ${by},
      registration = case when registration->>'expiresAt' is null then registration else
        jsonb_set(registration, '{expiresAt}', to_jsonb(expires_at - ${by})) end
    where shard = ${shard} and connection_id = ${id}`;
  await sql`
    update poll_queue set due_at = due_at - ${by}, ends_at = ends_at - ${by}, asked_at = asked_at - ${by}
    where shard = ${shard} and connection_id = ${id}`;
  await sql`
    update connection_pace set paused_until = paused_until - ${by}, paused_at = paused_at - ${by},
      probe_until = probe_until - ${by}, calls = coalesce((
        select jsonb_object_agg((key::bigint - ${Math.floor(seconds)})::text, value) from jsonb_each(calls)), '{}')
    where shard = ${shard} and connection_id = ${id}`;
  await sql`update connections set updated_at = updated_at - ${by} where shard = ${shard} and id = ${id}`;
  await sql`update pull_cursors set due_at = due_at - ${by} where shard = ${shard} and connection_id = ${id}`;
  await sql`
    update evidence e set learnt_at = e.learnt_at - ${by} from transactions t
    where t.shard = ${shard} and t.connection_id = ${id} and e.shard = t.shard and e.transaction_id = t.id`;
}
