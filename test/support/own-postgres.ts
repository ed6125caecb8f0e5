import { mkdtempSync } from "node:fs";
import path from "node:path";
import { inject } from "vitest";
import { type PostgresServer, startPostgres, startReplica } from "../../chaos/postgres.ts";

export type OwnPostgres = PostgresServer;

/** A private, durable server that nothing watches over, for tests that stop, restart or kill their database. */
export function ownPostgres(): Promise<OwnPostgres> {
  return startPostgres(mkdtempSync(path.join(inject("runFolder"), "own-")), inject("postgresBin"));
}

/** A hot standby of it. */
export function ownReplica(primary: OwnPostgres, synchronous: boolean): Promise<OwnPostgres> {
  const folder = mkdtempSync(path.join(inject("runFolder"), "own-"));
  const binDir = inject("postgresBin");
  return startReplica(primary, folder, { synchronous, ...(binDir !== undefined && { binDir }) });
}
