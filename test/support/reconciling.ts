import type { Connection } from "../../src/connections/connection.ts";
import { findById } from "../../src/connections/store.ts";
import type { Sql } from "../../src/database/connect.ts";
import type { Registration, Transaction } from "../../src/domain/transaction.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress } from "../../src/egress/client.ts";
import { providers } from "../../src/providers/registry.ts";
import { createAccessTokens } from "../../src/reconcile/calls/access-tokens.ts";
import { disablePolling } from "../../src/reconcile/calls/disable-polling.ts";
import { type PassInput, type PassSummary, runPass } from "../../src/reconcile/pass.ts";
import type { PollDeps } from "../../src/reconcile/poll/poll-transaction.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import type { BatchResult } from "../../src/settle/settle.ts";
import { createSettler } from "../../src/settle/settler.ts";
import { testBox } from "./fixtures.ts";
import { registering, settleDeps, transactionsOf } from "./settling.ts";
import { silentLog } from "./silent-log.ts";
import { silentTelemetry } from "./silent-telemetry.ts";

export type Reconciling = {
  deps: PollDeps;
  settle(...items: SettleItem[]): Promise<void>;
  /** Registers a transaction and answers it as it stands. */
  register(connection: Connection, registration: Partial<Registration>): Promise<Transaction>;
  pass(input?: PassInput): Promise<PassSummary>;
  /** As if everything of a connection had happened so much earlier. */
  age(connection: Connection, seconds: number): Promise<void>;
  close(): Promise<void>;
};

/** Reconciling with real providers against simulated ones, on loopback. */
export function reconciling(sql: Sql, more: Partial<PollDeps> = {}): Reconciling {
  const egress = createEgress({ allow: [parseRange("127.0.0.0/8")!], userAgent: "hakika-test" });
  const connectionOf = (shard: number, id: string) => findById(sql, testBox, shard, id);
  const settler = createSettler({
    ...settleDeps(sql),
    onSettled: (shard, result) => void stopAsked(deps, shard, result),
  });
  const deps: PollDeps = {
    sql,
    box: testBox,
    egress,
    providers,
    connectionOf,
    settle: settler.settle,
    publicUrl: () => "http://127.0.0.1:9",
    log: silentLog,
    telemetry: silentTelemetry,
    tokens: createAccessTokens({ sql, box: testBox, log: silentLog }),
    ...more,
  };
  return {
    deps,
    async settle(...items) {
      await Promise.all(items.map(item => deps.settle(item.connection.shard, item)));
    },
    async register(connection, registration) {
      const settled = await deps.settle(connection.shard, registering(connection, registration));
      const all = await transactionsOf(sql, connection);
      return all.find(t => t.id === settled.transactionIds[0])!;
    },
    pass: (input = {}) => runPass(deps, input, new AbortController().signal),
    age: (connection, seconds) => age(sql, connection, seconds),
    close: () => egress.close(),
  };
}

/** Heeds what a batch says of questions that did harm, as the program does after each commit. */
export async function stopAsked(
  deps: PollDeps,
  shard: number,
  { pollingStops }: Pick<BatchResult, "pollingStops">,
): Promise<void> {
  for (const { connectionId, kind, reason } of pollingStops) {
    const connection = (await deps.connectionOf(shard, connectionId))!;
    await disablePolling(deps, { connection, provider: providers.get(connection.provider)! }, kind, reason);
  }
}

async function age(sql: Sql, { shard, id }: Connection, seconds: number): Promise<void> {
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
    update connection_pace set paused_until = paused_until - ${by}, paused_at = paused_at - ${by}, probe_until = probe_until - ${by},
      calls = coalesce((select jsonb_object_agg((key::bigint - ${Math.floor(seconds)})::text, value) from jsonb_each(calls)), '{}')
    where shard = ${shard} and connection_id = ${id}`;
  await sql`update connections set updated_at = updated_at - ${by} where shard = ${shard} and id = ${id}`;
  await sql`update pull_cursors set due_at = due_at - ${by} where shard = ${shard} and connection_id = ${id}`;
  await sql`
    update evidence e set learnt_at = e.learnt_at - ${by} from transactions t
    where t.shard = ${shard} and t.connection_id = ${id} and e.shard = t.shard and e.transaction_id = t.id`;
}
