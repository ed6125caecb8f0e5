import type { Sql } from "./connect.ts";

/** Numbers that no other advisory lock of this program uses. */
const locks = { housekeeping: 4_277_009_106, "key rotation": 4_277_009_107 } as const;

/**
 * Does `work` unless another process does work of that name now: then `busy`. The lock is a transaction's, on a
 * connection beside, so that it ends with the process, behind a pooler too.
 */
export async function oneAtATime<T>(
  sql: Sql,
  name: keyof typeof locks,
  work: () => Promise<T>,
): Promise<{ kind: "done"; result: T } | { kind: "busy" }> {
  return await sql.begin(async lock => {
    await lock`set local idle_in_transaction_session_timeout = 0`;
    const [row] = await lock<{ free: boolean }[]>`select pg_try_advisory_xact_lock(${locks[name]}) as free`;
    return row!.free ? { kind: "done" as const, result: await work() } : { kind: "busy" as const };
  });
}
