import { parse } from "libpg-query";
import { expect, test } from "vitest";
import { broken, tablesOverShards } from "./dialect.ts";
import { sourcesIn } from "./sources.ts";
import { type Statement, statementsOf } from "./statements.ts";

type Tree = Parameters<typeof broken>[0];

/**
 * Statements over every shard: to find work, for operators' lists and figures, for upkeep. None runs for each callback,
 * and none takes locks in choosing its rows.
 */
const overAllShards = [
  "src/alerts/channels/channel-store.ts allChannels",
  "src/alerts/channels/message-store.ts shardsWithMessages",
  "src/alerts/channels/message-store.ts unacknowledged",
  "src/alerts/channels/message-store.ts untoldAlerts",
  "src/alerts/look/callback-url-store.ts productionConnections",
  "src/alerts/look/callback-url-store.ts shardsWithOpen",
  "src/alerts/look/subject-store.ts openSubjects",
  "src/alerts/look/subject-store.ts subjectsWithCause",
  "src/alerts/silence/expectation-store.ts shardsWithConnections",
  "src/alerts/sources/balance-store.ts balanceSubjects",
  "src/alerts/sources/statement-store.ts statementsWithGap",
  "src/answer/ussd/session-end-store.ts shardsWithSilentSessions",
  "src/books/balances/balance-store.ts connectionsToCompare",
  "src/books/balances/gap-store.ts connectionsWithGaps",
  "src/books/statements/claim-store.ts shardsWithImports",
  "src/books/statements/upload-store.ts dropStrayParts",
  "src/cli/doctor/attention-store.ts countForReview",
  "src/cli/doctor/attention-store.ts pausedConnections",
  "src/cli/doctor/attention-store.ts unfinishedPulls",
  "src/cli/doctor/attention-store.ts unhealthyEndpoints",
  "src/cli/doctor/audit-store.ts hasChainedEntries",
  "src/cli/doctor/store.ts missingFromQueues",
  "src/cli/doctor/store.ts overdueRows",
  "src/cli/doctor/store.ts partitionsOf",
  "src/database/backup/tables-store.ts hasMerchants",
  "src/database/cluster/cluster-store.ts hasRows",
  "src/database/lease-store.ts endLeases",
  "src/database/partitions.ts dropOldPartitions",
  "src/database/sealed-values-store.ts hasSealedValues",
  "src/deliver/queue/due-store.ts shardsOfEndpoints",
  "src/deliver/relay/relay-queue-store.ts shardsWithRelays",
  "src/metrics/backlog-store.ts readBacklog",
  "src/privacy/find-store.ts shardsWithMerchants",
  "src/reconcile/audit/audit-store.ts connectionsWithAudits",
  "src/reconcile/audit/nightly-store.ts nightlyAuditsDue",
  "src/reconcile/due-store.ts connectionsWithUrgentPolls",
  "src/reconcile/due-store.ts recoverExpiredLeases",
  "src/reconcile/due-store.ts shardsWithDuePolls",
  "src/reconcile/due-store.ts shardsWithOverdue",
  "src/reconcile/statements/pull-store.ts shardsWithPulls",
  "src/settle/inbox/inbox-store.ts shardsDue",
];

/** Statements of queues that still break a rule. */
const notYet = [
  "src/deliver/attempt/record-store.ts recordOutcomes",
  "src/deliver/queue/claim-store.ts claimDue",
  "src/deliver/queue/due-store.ts dueEndpoints",
  "src/deliver/queue/rate-store.ts takeFromRateLimits",
  "src/outbox/fan-out-store.ts insertEvents",
  "src/receive/store/callback-store.ts insertCallbacks",
  "src/settle/inbox/inbox-store.ts releaseCallbacks",
  "src/settle/inbox/inbox-store.ts requeueCallback",
];

const statements = sourcesIn("src").flatMap(statementsOf);
const parsed = await Promise.all(statements.map(async statement => ({ statement, tree: await treeOf(statement) })));

async function treeOf({ where, text }: Statement): Promise<Tree> {
  try {
    return (await parse(text)) as Tree;
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}\n${text}`);
  }
}

test("every statement is one that a cluster takes as well as one server", () => {
  expect(statements.length).toBeGreaterThan(100);
  const found = parsed
    .filter(({ statement }) => ![...notYet, ...deletesOverAll].includes(statement.where))
    .flatMap(({ statement, tree }) => broken(tree, statement).map(why => `${statement.where}: ${why}`));
  expect(found).toEqual([]);
});

/** Deletes by the time in ids, in the partition of stray days. */
const deletesOverAll = ["src/database/partitions.ts dropOldPartitions"];

test("the statements that touch every shard are the listed ones, and each listed one does", () => {
  const found = parsed
    .filter(({ statement, tree }) => tablesOverShards(tree, statement).length > 0)
    .map(({ statement }) => statement.where)
    .filter(where => !notYet.includes(where));
  expect([...new Set(found)].sort()).toEqual(overAllShards);
});

/** Each rule with a statement that breaks it; `$1` is the shard. */
const examples: [rule: string, text: string, after?: string][] = [
  [
    "a clock or a volatile function in `do update`",
    "insert into t values ($1) on conflict (shard) do update set at = now()",
  ],
  [
    "a time moved by an interval in `do update`",
    "insert into t values ($1) on conflict (shard) do update set n = 1 where excluded.at - interval '1 s' > t.at",
  ],
  [
    "a parameter in `do update` of an `insert ... select`",
    "insert into t select $1, 2 on conflict (shard) do update set n = $2",
  ],
  ["a clock or a volatile function in `returning`", "update t set n = 1 where shard = $1 returning now()"],
  ["a volatile function in a change", "update t set id = gen_random_uuid() where shard = $1"],
  ["a volatile function in a change", "update t set at = clock_timestamp() where shard = $1"],
  ["a time and an interval added with a column", "update t set at = at - interval '1 s' where shard = $1"],
  ["a time and an interval added with a column", "update t set at = now() + make_interval(secs => n) where shard = $1"],
  ["a time and an interval added with a column", "delete from t where shard = $1 and at + $2 * interval '1 s' < now()"],
  ["a clock in `case` or `coalesce`", "update t set at = case when n = 1 then now() end where shard = $1"],
  ["a clock in `case` or `coalesce`", "update t set at = coalesce(at, now()) where shard = $1"],
  ["`case x when` in a change", "update t set n = case kind when 'a' then 1 else 2 end where shard = $1"],
  ["`select from` without a column", "select exists (select from t where shard = $1)"],
  [
    "an insert in `with` beside another change",
    "with a as (insert into t values ($1)) update u set n = 1 where shard = $1",
  ],
  ["t is changed or locked without", "update t set n = 1 where id = $2"],
  ["t is changed or locked without", "select 1 from t where id = $2 for update"],
  ["t is changed or locked without", "with a as (select 1 as shard) update t set n = 1 from a where t.shard = a.shard"],
  ["u is changed or locked without", "delete from t using u where t.shard = $1 and u.shard = t.shard"],
  ["u is changed or locked without", "select 1 from t join u on u.id = t.id where t.shard = $1 for update of t"],
  [
    "the row count of an insert that may conflict",
    "insert into t select $1, 2 on conflict do nothing",
    ";\n  return result.count;",
  ],
];

test.each(examples)("a statement with %s is found: %s", async (rule, text, after = "") => {
  const statement = { where: "", text, params: ["shard", "value"], after };
  expect(broken(await treeOf(statement), statement)).toEqual([expect.stringContaining(rule)]);
});

test("what a cluster takes is not found", async () => {
  const text = `
    with due as materialized (
      select ctid as entry, now() - interval '1 s' as at, gen_random_uuid() as lease from t where shard = $1 for update
    )
    update t set at = due.at, lease = due.lease, due_at = now() + $2 * interval '1 s',
      n = case when n = 1 then 2 else coalesce(n, 3) end
    from due where t.shard = $1 and t.ctid = due.entry returning t.id`;
  const statement = { where: "", text, params: ["shard", "value"], after: "" };
  expect(broken(await treeOf(statement), statement)).toEqual([]);
});

test("statements are read from sources with their fragments, and each with its function", () => {
  const text = `
const which = flag ? sql\`\` : sql\`and n > 1\`;
export async function find(sql: Sql, shard: number) {
  return await sql<{ id: string; n: number }[]>\`select id from t where shard = \${shard} \${which} limit \${max}\`;
}`;
  expect(statementsOf({ file: "src/store.ts", text })).toMatchObject([
    {
      where: "src/store.ts find",
      text: "select id from t where shard = $1 and n > 1 limit $2",
      params: ["shard", "max"],
    },
  ]);
});
