import postgres from "postgres";
import { superuser } from "./initialize.ts";

/**
 * One process's share in the server: a connection holding an advisory lock that all sharers hold together. It needs no
 * list of processes: a killed one's share ends with its connection.
 */
export type Hold = {
  /**
   * Gives the share up and answers whether it was the last; if so, a process that joins now waits until the server has
   * ended.
   */
  isLast(): Promise<boolean>;
  /** Ends the connection, and with it the locks it holds. */
  close(): Promise<void>;
};

/** An advisory lock of the maintenance database, which only this module uses. */
const shareKey = 4_277_009_102;
const connectTimeoutS = 5;

/** Address of one of the server's databases, for the owner unless another role is named. */
export function serverUrl(port: number, password: string, database: string, role: string = superuser): string {
  return `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * Takes a share and makes sure that `database` exists; calls `onLost` once if the connection ends before `close`.
 * Throws where the server is not there (any more).
 */
export async function takeHold(port: number, password: string, database: string, onLost: () => void): Promise<Hold> {
  let watched = false;
  const sql = postgres(serverUrl(port, password, "postgres"), {
    max: 1,
    connect_timeout: connectTimeoutS,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: "hakika embedded" },
    onclose: () => {
      if (watched) onLost();
      watched = false;
    },
  });
  const close = async () => {
    watched = false;
    await sql.end({ timeout: 0 });
  };
  try {
    await sql`select pg_advisory_lock_shared(${shareKey})`;
    await createDatabase(sql, database);
  } catch (error) {
    await close();
    throw error;
  }
  watched = true;
  return {
    close,
    async isLast() {
      watched = false;
      const [row] = await sql<{ last: boolean }[]>`
        select pg_try_advisory_lock(${shareKey}) as last from pg_advisory_unlock_shared(${shareKey})`;
      return row?.last === true;
    },
  };
}

async function createDatabase(sql: postgres.Sql, database: string): Promise<void> {
  const [known] = await sql`select 1 from pg_database where datname = ${database}`;
  if (known) return;
  try {
    await sql`create database ${sql(database)}`;
  } catch (error) {
    // Of two processes that start at once, one comes second: 42P04 duplicate database, 23505 unique violation.
    if (!["42P04", "23505"].includes((error as postgres.PostgresError).code)) throw error;
  }
}
