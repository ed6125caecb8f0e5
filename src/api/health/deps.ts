import type { Registry } from "prom-client";
import type { DrizzleQueryable } from "../deps.ts";

export type HealthDeps = {
  db: DrizzleQueryable;
  /** Whether the database lacks a migration of this program. Throws where it cannot be asked. */
  pendingMigrations(): Promise<boolean>;
  /** The id this process's worker beats under; null where it has no worker. */
  workerId: string | null;
  registry: Pick<Registry, "metrics" | "contentType">;
};
