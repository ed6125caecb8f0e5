import { type Connection, policyOf } from "../../connections/connection.ts";
import { createDirectory } from "../../connections/directory.ts";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { decide } from "../../domain/decide/decide.ts";
import { publicId, shardCount } from "../../domain/ids.ts";
import { connectionCanPoll } from "../../providers/can-poll.ts";
import { providers } from "../../providers/registry.ts";
import { isScheduled } from "../../schedule/poll-times.ts";
import { counted, type DoctorFinding, note, problem } from "./finding.ts";
import { type CheckedTransaction, connectionsChanged, transactionsAfter } from "./store.ts";

const batchMax = 500;
const shownMax = 5;
const lowest = "00000000-0000-0000-0000-000000000000";

/** What is wrong, by sort, with the transactions it is wrong with. */
type Wrong = Record<"status" | "byOtherSettings" | "sequence" | "version" | "gone" | "unscheduled", string[]>;

/** Decides every transaction again from its evidence, and counts what was told of it. */
export async function checkInvariants(
  sql: Sql,
  box: SecretBox,
  onProgress: (examined: number) => void,
): Promise<{ findings: DoctorFinding[]; examined: number }> {
  const { byId } = createDirectory({ sql, box });
  const wrong: Wrong = { status: [], byOtherSettings: [], sequence: [], version: [], gone: [], unscheduled: [] };
  let examined = 0;
  for (let shard = 0; shard < shardCount; shard += 1) {
    let changed: Map<string, Date> | null = null;
    for (let after = lowest; ; ) {
      const batch = await transactionsAfter(sql, shard, after, batchMax);
      if (batch.length === 0) break;
      changed ??= await connectionsChanged(sql, shard);
      for (const each of batch) {
        const { transaction: t } = each;
        const connection = await byId(shard, t.connectionId);
        if (!connection) wrong.gone.push(t.id);
        else if (t.mergedInto === null && statusOf(each, connection) !== t.status) {
          const isOlder = (changed.get(t.connectionId) ?? t.updatedAt) > t.updatedAt;
          wrong[isOlder ? "byOtherSettings" : "status"].push(t.id);
        }
        if (connection && isScheduled(t) && !each.isOnSchedule) wrong.unscheduled.push(t.id);
        if (!isNumbered(each)) wrong.sequence.push(t.id);
        if (!isVersioned(each)) wrong.version.push(t.id);
      }
      examined += batch.length;
      onProgress(examined);
      if (batch.length < batchMax) break;
      after = batch.at(-1)!.transaction.id;
    }
  }
  return { findings: findingsOf(wrong), examined };
}

function statusOf(
  { transaction: { kind, registration }, evidence }: CheckedTransaction,
  connection: Connection,
): string {
  const policy = policyOf(connection, connectionCanPoll(providers, connection, kind));
  return decide(evidence, registration, policy).status;
}

/** From 1, without gaps, as many as the transaction says. */
function isNumbered({ transaction: { sequence }, told }: CheckedTransaction): boolean {
  if (told === null) return sequence === 0;
  return told.count === sequence && told.first === 1 && told.last === sequence;
}

/** Never backwards, and none that the transaction has not come to. */
function isVersioned({ transaction: { version }, told }: CheckedTransaction): boolean {
  const versions = told?.versions ?? [];
  return versions.every((each, at) => each >= (versions[at - 1] ?? 1) && each <= version);
}

function findingsOf(wrong: Wrong): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  const add = (ids: string[], make: typeof problem, one: string, many: string, todo: string) => {
    if (ids.length === 0) return;
    const what = counted(ids.length, `transaction ${one}`, `transactions ${many}`);
    found.push(make(`${what}: ${namesOf(ids)}`, todo));
  };
  add(
    wrong.status,
    problem,
    "has another status than its evidence comes to",
    "have another status than their evidence comes to",
    "somebody wrote to the database beside Hakika, or this is a bug: look with hakika transactions show <id>, decide with hakika transactions resolve, and report it",
  );
  add(
    wrong.sequence,
    problem,
    "has gaps in the numbers of its events",
    "have gaps in the numbers of their events",
    "rows are missing: restore them from a backup, and report it",
  );
  add(
    wrong.version,
    problem,
    "has events with versions that go backwards",
    "have events with versions that go backwards",
    "report it, with hakika transactions show <id> --json",
  );
  add(
    wrong.gone,
    problem,
    "belongs to a connection that is not there",
    "belong to connections that are not there",
    "restore the connection's row from a backup",
  );
  add(
    wrong.unscheduled,
    problem,
    "is unfinished, and nobody will ask about it or end it",
    "are unfinished, and nobody will ask about them or end them",
    "rows of poll_queue are missing: hakika transactions poll <id> puts one back where it can be asked, else decide with hakika transactions resolve; and report it",
  );
  add(
    wrong.byOtherSettings,
    note,
    "was decided by settings that its connection has no more",
    "were decided by settings that their connections have no more",
    "nothing to do: they are decided anew when something is heard of them",
  );
  return found;
}

function namesOf(ids: string[]): string {
  const shown = ids.slice(0, shownMax).map(id => publicId("transaction", id));
  return ids.length > shownMax ? `${shown.join(", ")} and ${ids.length - shownMax} more` : shown.join(", ");
}
