import type { Sql } from "../../database/connect.ts";
import { syncAlerts } from "../open/sync-alerts.ts";
import { balanceSubjects } from "../sources/balance-store.ts";
import { type SourcedKind, sourcedKinds } from "../sources/sources.ts";
import { statementsWithGap } from "../sources/statement-store.ts";
import { type AlertSubject, openSubjects, subjectsWithCause } from "./subject-store.ts";

export type LookDeps = {
  sql: Sql;
  /** Called after a commit, with the endpoints that have deliveries. */
  wake(shard: number, endpointIds: string[]): void;
};

/** Kinds with many causes: their alerts open with the cause, and only open ones are looked at. */
const openOnly: ReadonlySet<string> = new Set(["quarantine", "wrong_receiver"]);

/**
 * Opens and closes what no database transaction did together with its cause: a pause that ended by itself, a deleted
 * connection, an endpoint that the merchant enabled. Every statement but the last ones covers all shards.
 */
export async function lookAtCauses({ sql, wake }: LookDeps, now: Date): Promise<void> {
  const [open, ...found] = await Promise.all([
    openSubjects(sql),
    subjectsWithCause(sql),
    statementsWithGap(sql),
    balanceSubjects(sql),
  ]);
  const causes = found.flat();
  const nameOf = ({ kind, subject }: AlertSubject) => `${kind} ${subject}`;
  const [isOpen, isCause] = [new Set(open.map(nameOf)), new Set(causes.map(nameOf))];
  const changed = [
    ...causes.filter(each => !isOpen.has(nameOf(each))),
    ...open.filter(each => isSourced(each.kind) && (openOnly.has(each.kind) || !isCause.has(nameOf(each)))),
  ];
  for (const [group, subjects] of grouped(changed)) {
    const { shard, kind } = group;
    const endpoints = (await sql.begin(tx => syncAlerts(tx, shard, kind, subjects, now))) as string[];
    wake(shard, endpoints);
  }
}

function isSourced(kind: string): kind is SourcedKind {
  return sourcedKinds.some(each => each === kind);
}

function grouped(candidates: readonly AlertSubject[]): [{ shard: number; kind: SourcedKind }, string[]][] {
  const groups = new Map<string, [{ shard: number; kind: SourcedKind }, string[]]>();
  for (const { shard, kind, subject } of candidates) {
    if (!isSourced(kind)) continue;
    const name = `${shard} ${kind}`;
    const group = groups.get(name) ?? [{ shard, kind }, []];
    group[1].push(subject);
    groups.set(name, group);
  }
  return [...groups.values()];
}
