import { z } from "zod";
import type { HealthDeps } from "./deps.ts";
import { listWorkers } from "./store.ts";

/** A database that does not answer for so long counts as away. */
const databaseTimeoutMs = 3_000;

export const readinessSchema = z
  .object({
    status: z.enum(["ready", "not ready"]),
    checks: z.object({
      database: z.enum(["ok", "unreachable"]),
      migrations: z.enum(["ok", "pending", "unknown"]),
      worker: z.enum(["ok", "none", "stopped", "unknown"]).meta({
        description:
          "`ok`: a worker's heart beats somewhere; `none`: nowhere; `stopped`: this process's own stands still",
      }),
    }),
  })
  .meta({ id: "Readiness" });

type Checks = z.output<typeof readinessSchema>["checks"];

/** Whether this process can do its work. A receiver can without a worker; a worker whose own heart stands still cannot. */
export async function readiness(deps: HealthDeps): Promise<z.output<typeof readinessSchema>> {
  const checks = await within(databaseTimeoutMs, examine(deps));
  const ready = checks.database === "ok" && checks.migrations === "ok" && checks.worker !== "stopped";
  return { status: ready ? "ready" : "not ready", checks };
}

async function examine(deps: HealthDeps): Promise<Checks> {
  // Before the migrations there may be no table to read heartbeats from.
  const pending = await deps.pendingMigrations();
  if (pending) return { database: "ok", migrations: "pending", worker: "unknown" };
  const known = await listWorkers(deps.db);
  const own = deps.workerId === null || known.some(({ processId, alive }) => alive && processId === deps.workerId);
  const worker = !own ? "stopped" : known.some(({ alive }) => alive) ? "ok" : "none";
  return { database: "ok", migrations: "ok", worker };
}

async function within(ms: number, checks: Promise<Checks>): Promise<Checks> {
  const unreachable: Checks = { database: "unreachable", migrations: "unknown", worker: "unknown" };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Checks>(resolve => {
    timer = setTimeout(() => resolve(unreachable), ms);
  });
  try {
    return await Promise.race([checks, late]);
  } catch {
    return unreachable;
  } finally {
    clearTimeout(timer);
    // Whatever comes of it after we gave up.
    checks.catch(() => {});
  }
}
