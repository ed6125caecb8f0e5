import { z } from "zod";
import { withTimeout } from "../../database/unavailable.ts";
import type { HealthDeps } from "./deps.ts";
import { listWorkers } from "./store.ts";

/** A database that does not answer within this time counts as unreachable. */
const databaseTimeoutMs = 3_000;

export const readinessSchema = z
  .object({
    status: z.enum(["ready", "not ready"]),
    checks: z.object({
      database: z.enum(["ok", "unreachable"]),
      migrations: z.enum(["ok", "pending", "unknown"]),
      worker: z.enum(["ok", "none", "stopped", "unknown"]).meta({
        description:
          "`ok`: a worker runs somewhere. `none`: no worker runs. `stopped`: this process's worker has no heartbeat.",
      }),
    }),
  })
  .meta({ id: "Readiness" });

type Readiness = z.output<typeof readinessSchema>;
type Checks = Readiness["checks"];

/**
 * Whether this process can do its work. A receiver needs no worker; a process whose own worker has no heartbeat is not
 * ready.
 */
export async function readiness(deps: HealthDeps): Promise<Readiness> {
  const checks = await withTimeout(runChecks(deps), databaseTimeoutMs).catch(
    (): Checks => ({ database: "unreachable", migrations: "unknown", worker: "unknown" }),
  );
  const ready = checks.database === "ok" && checks.migrations === "ok" && checks.worker !== "stopped";
  return { status: ready ? "ready" : "not ready", checks };
}

async function runChecks(deps: HealthDeps): Promise<Checks> {
  // Before the migrations ran, the table of heartbeats may not exist.
  const pending = await deps.pendingMigrations();
  if (pending) return { database: "ok", migrations: "pending", worker: "unknown" };
  const workers = await listWorkers(deps.db);
  const own = deps.workerId === null || workers.some(({ processId, alive }) => alive && processId === deps.workerId);
  const worker = !own ? "stopped" : workers.some(({ alive }) => alive) ? "ok" : "none";
  return { database: "ok", migrations: "ok", worker };
}
