import type { Registry } from "prom-client";
import type { DrizzleQueryable } from "../deps.ts";

/** What the health routes work with. */
export type HealthDeps = {
  db: DrizzleQueryable;
  /** Whether the database lacks a migration of this version. Throws where the database is unavailable. */
  pendingMigrations(): Promise<boolean>;
  /** The id of this process's worker in `heartbeats`; null for a process without a worker. */
  workerId: string | null;
  registry: Pick<Registry, "metrics" | "contentType">;
};
