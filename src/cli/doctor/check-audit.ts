import { entryHash, firstHash, headMac } from "../../database/audit/chain.ts";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { auditKeyName, openInstallationKey } from "../../database/installation-key.ts";
import { publicId, shardCount } from "../../domain/ids.ts";
import { hasChainedEntries, readChain, type StoredEntry, sealedAuditKey, unchainedEntry } from "./audit-store.ts";
import { type DoctorFinding, problem } from "./finding.ts";

/** The first thing wrong in one shard's chain. `at`: RFC 3339; empty where it is the head's. */
type Broken = { what: string; at: string };

const todo =
  "the database was changed by other means than the program: compare with a backup, and with what was exported before";

/** Checks every entry of the audit against its chain, and the chains' ends: what was changed, removed or added. */
export async function checkAudit(sql: Sql, box: SecretBox): Promise<{ findings: DoctorFinding[]; entries: number }> {
  const sealed = await sealedAuditKey(sql, auditKeyName);
  if (sealed === null) {
    const isChained = await hasChainedEntries(sql);
    return { findings: isChained ? [problem("the key of the audit's chain was removed", todo)] : [], entries: 0 };
  }
  const key = openInstallationKey(box, auditKeyName, sealed);
  const broken: Broken[] = [];
  let entries = 0;
  for (let shard = 0; shard < shardCount; shard += 1) {
    const found = await checkChain(sql, key, shard);
    entries += found.entries;
    if (found.broken) broken.push(found.broken);
  }
  broken.sort((a, b) => (a.at < b.at ? -1 : 1));
  return { findings: broken.map(({ what }) => problem(what, todo)), entries };
}

async function checkChain(sql: Sql, key: Buffer, shard: number): Promise<{ broken: Broken | null; entries: number }> {
  const chain = await readChain(sql, shard, async (head, batches) => {
    let last: StoredEntry | null = null;
    let hash: Buffer = firstHash;
    for await (const batch of batches) {
      for (const entry of batch) {
        const broken = checkEntry(key, last, hash, entry);
        if (broken) return { broken, entries: last?.sequence ?? 0 };
        [last, hash] = [entry, entry.hash];
      }
    }
    const entries = last?.sequence ?? 0;
    const where = `the end of the audit's chain of shard ${shard}`;
    const at = last?.at ?? "";
    if (head === null) return { broken: { what: `${where} was removed`, at }, entries };
    if (!headMac(key, { shard, ...head }).equals(head.mac))
      return { broken: { what: `${where} was changed`, at }, entries };
    if (head.sequence > entries) return { broken: removed(head.lastId, head.sequence - entries, last), entries };
    if (head.sequence < entries || !head.hash.equals(hash))
      return { broken: { what: `${where} was put back`, at }, entries };
    return { broken: null, entries };
  });
  const outside = chain.broken ? null : await unchainedEntry(sql, shard);
  if (outside === null) return chain;
  const what = `audit entry ${publicId("audit", outside.id)} is in no chain: the program did not write it`;
  return { ...chain, broken: { what, at: outside.at } };
}

function checkEntry(key: Buffer, last: StoredEntry | null, previous: Buffer, entry: StoredEntry): Broken | null {
  const { hash, ...covered } = entry;
  const missing = entry.sequence - (last?.sequence ?? 0) - 1;
  if (missing > 0) return removed(entry.previousId, missing, last);
  if (entryHash(key, previous, covered).equals(hash)) return null;
  return { what: `audit entry ${publicId("audit", entry.id)} was changed`, at: entry.at };
}

/** `id`: the last of the missing entries; null where that is unknown. */
function removed(id: string | null, missing: number, last: StoredEntry | null): Broken {
  const after = last === null ? "at the beginning of its chain" : `after ${publicId("audit", last.id)}`;
  const named = id === null ? "an audit entry" : `audit entry ${publicId("audit", id)}`;
  const what =
    missing === 1 ? `${named} was removed, ${after}` : `${missing} audit entries were removed ${after}, up to ${named}`;
  return { what, at: last?.at ?? "" };
}
