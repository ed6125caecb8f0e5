import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { DataSubject } from "../../privacy/person.ts";
import { type StoredApproval, storedApprovals, writeApprovals } from "./approvals-store.ts";

const batchMax = 500;
const lowestId = "00000000-0000-0000-0000-000000000000";

/**
 * Takes a person out of the approvals of a shard: the number out of summaries, and the whole request where nothing
 * needs it any more. Returns how many named the person. One that still waits keeps its request, or it could not be
 * carried out.
 */
export async function eraseApprovals(sql: Sql, shard: number, person: DataSubject, box: SecretBox): Promise<number> {
  let count = 0;
  for (let from = lowestId; ; ) {
    const rows = await storedApprovals(sql, shard, from, batchMax);
    const naming = rows.flatMap(row => withoutPerson(row, person, box) ?? []);
    await writeApprovals(sql, shard, naming);
    count += naming.length;
    if (rows.length < batchMax) return count;
    from = rows.at(-1)!.id;
  }
}

function withoutPerson({ id, summary, request, isOver }: StoredApproval, person: DataSubject, box: SecretBox) {
  const context = sealContext.approvalRequest(id);
  if (!person.isNamedIn(summary) && !person.isNamedIn(box.open(request, context))) return null;
  return { id, summary: person.without(summary), request: isOver ? box.seal("{}", context) : request };
}
