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
import { type CheckedTransaction, connectionsChanged, transactionBatches } from "./store.ts";

const shownMax = 5;

type Violation = "status" | "settings" | "sequence" | "version" | "connection" | "schedule";

/** The transactions that violate an invariant, by invariant. */
type Violations = Record<Violation, string[]>;

/**
 * Recomputes the status of every transaction from its evidence, and checks its events and its place on the schedule.
 */
export async function checkInvariants(
  sql: Sql,
  box: SecretBox,
  onProgress: (transactions: number) => void,
): Promise<{ findings: DoctorFinding[]; transactions: number }> {
  const { byId } = createDirectory({ sql, box });
  const violations: Violations = { status: [], settings: [], sequence: [], version: [], connection: [], schedule: [] };
  let transactions = 0;
  for (let shard = 0; shard < shardCount; shard += 1) {
    let changedAt: Map<string, Date> | null = null;
    for await (const batch of transactionBatches(sql, shard)) {
      changedAt ??= await connectionsChanged(sql, shard);
      for (const each of batch) {
        const { id, connectionId } = each.transaction;
        const connection = await byId(shard, connectionId);
        for (const violation of violationsOf(each, connection, changedAt)) violations[violation].push(id);
      }
      transactions += batch.length;
      onProgress(transactions);
    }
  }
  return { findings: findingsOf(violations), transactions };
}

function violationsOf(
  each: CheckedTransaction,
  connection: Connection | null,
  changedAt: ReadonlyMap<string, Date>,
): Violation[] {
  const { transaction: t } = each;
  const violations: Violation[] = [];
  if (!connection) violations.push("connection");
  else if (t.mergedInto === null && statusOf(each, connection) !== t.status) {
    const isOlder = (changedAt.get(t.connectionId) ?? t.updatedAt) > t.updatedAt;
    violations.push(isOlder ? "settings" : "status");
  }
  if (connection && isScheduled(t) && !each.isOnSchedule) violations.push("schedule");
  if (!isNumbered(each)) violations.push("sequence");
  if (!isVersioned(each)) violations.push("version");
  return violations;
}

function statusOf(
  { transaction: { kind, registration }, evidence }: CheckedTransaction,
  connection: Connection,
): string {
  const policy = policyOf(connection, connectionCanPoll(providers, connection, kind));
  return decide(evidence, registration, policy).status;
}

/** Whether the numbers of a transaction's events start at 1, have no gaps, and end at its `sequence`. */
function isNumbered({ transaction: { sequence }, events }: CheckedTransaction): boolean {
  if (events === null) return sequence === 0;
  return events.count === sequence && events.first === 1 && events.last === sequence;
}

/** Whether the versions in a transaction's events ascend, and none is above its `version`. */
function isVersioned({ transaction: { version }, events }: CheckedTransaction): boolean {
  const versions = events?.versions ?? [];
  return versions.every((each, at) => each >= (versions[at - 1] ?? 1) && each <= version);
}

const wording: Record<Violation, { make: typeof problem; one: string; many: string; todo: string }> = {
  status: {
    make: problem,
    one: "transaction has another status than its evidence gives",
    many: "transactions have another status than their evidence gives",
    todo:
      "the database was changed by other means, or this is a bug: see hakika transactions show <id>, decide with " +
      "hakika transactions resolve, and report it",
  },
  sequence: {
    make: problem,
    one: "transaction has gaps in the numbers of its events",
    many: "transactions have gaps in the numbers of their events",
    todo: "rows are missing: restore them from a backup, and report it",
  },
  version: {
    make: problem,
    one: "transaction has events with versions that go backwards",
    many: "transactions have events with versions that go backwards",
    todo: "report it, with hakika transactions show <id> --json",
  },
  connection: {
    make: problem,
    one: "transaction belongs to a connection that does not exist",
    many: "transactions belong to connections that do not exist",
    todo: "restore the connection's row from a backup",
  },
  schedule: {
    make: problem,
    one: "transaction is not final and not on the poll schedule",
    many: "transactions are not final and not on the poll schedule",
    todo:
      "rows of poll_queue are missing: hakika transactions poll <id> adds one where the transaction can be polled, " +
      "else decide with hakika transactions resolve; and report it",
  },
  settings: {
    make: note,
    one: "transaction was decided under earlier settings of its connection",
    many: "transactions were decided under earlier settings of their connections",
    todo: "nothing to do: new evidence is decided under the present settings",
  },
};

function findingsOf(violations: Violations): DoctorFinding[] {
  return Object.entries(wording).flatMap(([violation, { make, one, many, todo }]) => {
    const ids = violations[violation as Violation];
    return ids.length === 0 ? [] : [make(`${counted(ids.length, one, many)}: ${namesOf(ids)}`, todo)];
  });
}

function namesOf(ids: string[]): string {
  const shown = ids.slice(0, shownMax).map(id => publicId("transaction", id));
  return ids.length > shownMax ? `${shown.join(", ")} and ${ids.length - shownMax} more` : shown.join(", ");
}
