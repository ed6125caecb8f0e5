import { eq, sql } from "drizzle-orm";
import { heartbeatStaleS } from "../../database/heartbeat.ts";
import { heartbeats } from "../../database/schema/installation.ts";
import type { DrizzleQueryable } from "../deps.ts";

/** The workers that started and did not stop properly, and whether their heartbeats are recent. */
export async function listWorkers(db: DrizzleQueryable): Promise<{ processId: string; alive: boolean }[]> {
  return db
    .select({
      processId: heartbeats.processId,
      alive: sql<boolean>`${heartbeats.beatAt} > now() - make_interval(secs => ${heartbeatStaleS})`,
    })
    .from(heartbeats)
    .where(eq(heartbeats.role, "worker"));
}
