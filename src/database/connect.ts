import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Logger } from "pino";
import postgres from "postgres";
import { retry } from "../batch/retry.ts";
import { addressOf } from "./address.ts";
import { knowArrayTypes } from "./array-types.ts";
import { type OnRefused, reconnectingClient } from "./reconnecting-client.ts";
import { createVault, type Vault } from "./vault/vault.ts";

type Types = { bigint: bigint };

/** Seals and opens the personal data of the database that the client is of. */
type WithVault = { vault: Vault };

/** A client for hand-written SQL. `int8` columns come back as `bigint`, those of `count(*)` included. */
export type Sql = WithVault & {
  begin<T>(work: (tx: Tx) => T | Promise<T>): Promise<Awaited<T>>;
  begin<T>(options: string, work: (tx: Tx) => T | Promise<T>): Promise<Awaited<T>>;
} & postgres.Sql<Types>;

/** A database transaction on the hot client. */
export type Tx = WithVault & postgres.TransactionSql<Types>;

/** What hand-written statements run on: the hot client, or a database transaction of it. */
export type Queryable = WithVault & postgres.ISql<Types>;

/** Drizzle over a client of its own, reachable as `$client` (to `end()` it). */
export type Db<Schema extends Record<string, unknown> = Record<string, never>> = PostgresJsDatabase<Schema> & {
  $client: postgres.Sql;
};

export type ConnectOptions = {
  /** Seen in `pg_stat_activity`; starts with `hakika`. */
  applicationName: string;
  /** Connections at most. */
  max: number;
  /**
   * For statements that name their rows by key: always by index, one plan for good. Tables of queues and payments grow
   * faster than the planner's statistics, and a plan made while they were empty scans them whole (measured: settling
   * 750/s instead of 3,000/s).
   */
  byKey?: boolean;
  /** The tables are distributed: a cluster plans each statement for the shard that its values name. */
  isDistributed?: boolean;
  /** Told of statements that the server refuses whatever their values are. */
  onRefused?: OnRefused;
  /** The connection is not replaced for its age: a lock of its session must last. */
  isLasting?: boolean;
  /** Without one, statements about personal data fail. */
  vault?: Vault;
  /**
   * The URL may name a pooler that gives each database transaction another session, so nothing is left in one: no
   * prepared statement, no setting but within a transaction.
   */
  isPooled?: boolean;
};

/**
 * One plan, always nested loops over indexes; a scan only where there is no index (docs/adr/0012-planner-switches.md).
 */
const byKeySettings = {
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  enable_bitmapscan: "off",
  enable_material: "off",
  plan_cache_mode: "force_generic_plan",
} as const;

const connectTimeoutS = 5;
const keepAliveS = 15;
/** A stopped process must not keep its locks longer than its leases (30 s): the server ends a transaction left idle. */
const idleInTransactionMs = 15_000;
/** A server notices within a minute that a client is gone without a word; by itself Linux asks after two hours. */
const serverKeepAlive = { tcp_keepalives_idle: 30, tcp_keepalives_interval: 10, tcp_keepalives_count: 3 } as const;
const reconnectAfterS = { first: 0.02, factor: 2, max: 0.5 } as const;
const managementIdleS = 60;
/** Waits between two attempts to reach the database for the first time. */
const firstConnection = { waitMs: 100, factor: 2, waitMaxMs: 5_000, jitter: false } as const;

/**
 * Opens a client for hot paths: statements are prepared once per connection, and connections stay. It connects at the
 * first statement and again after a loss; a statement under way then fails with `CONNECTION_CLOSED`, and may have
 * committed.
 *
 * Lists of anything but text go in as `sql.array(list, elementOid)` (20 int8, 16 bool, 17 bytea, 1184 timestamptz): by
 * itself postgres.js 3.4 gives such a list the type of its first element.
 */
export function connectHot(url: string, options: ConnectOptions): Sql {
  const { url: plainUrl, options: address } = addressOf(url);
  const types = { bigint: postgres.BigInt };
  return reconnectingClient(
    hooks => knowArrayTypes(postgres(plainUrl, { ...address, ...clientOptions(options), ...hooks, types })),
    {
      settings: settingsOfTransactions(options),
      onRefused: options.onRefused,
      carried: { vault: options.vault ?? createVault() },
    },
  ) as Sql;
}

/** Opens Drizzle. `drizzle()` changes the client it is given (JSON and dates pass as they are), so it gets its own. */
export function connectDrizzle<Schema extends Record<string, unknown>>(
  url: string,
  schema: Schema,
  { applicationName = "hakika management", max = 5, isPooled = false, onRefused }: Partial<ConnectOptions> = {},
): Db<Schema> {
  const { url: plainUrl, options: address } = addressOf(url);
  const given = { applicationName, max, isPooled };
  const options = { ...address, ...clientOptions(given), idle_timeout: managementIdleS };
  return drizzle(
    reconnectingClient(hooks => postgres(plainUrl, { ...options, ...hooks }), {
      settings: settingsOfTransactions(given),
      onRefused,
    }),
    { schema },
  );
}

/**
 * Waits until the database answers, with growing waits of at most 5 s. Every error is retried, a missing database and a
 * wrong password included: the database may still be in creation. Each error is logged; one that a person has to
 * correct once, as an error. `pooled` where a pooler answered, which shares sessions between its clients.
 */
export async function waitForDatabase(
  url: string,
  signal: AbortSignal,
  log: Pick<Logger, "info" | "warn" | "error">,
): Promise<"ready" | "pooled" | "aborted"> {
  const started = performance.now();
  const { waitMs, factor, waitMaxMs } = firstConnection;
  let failures = 0;
  let lastRefusal: string | null = null;
  const attempt = async () => {
    const answer = await ping(url);
    if (typeof answer === "string") return answer;
    const { message, refusal } = answer;
    const again_in_ms = Math.min(waitMs * factor ** failures, waitMaxMs);
    if (refusal !== null && refusal !== lastRefusal) log.error({ problem: message }, refusal);
    else if (refusal === null) log.warn({ problem: message, again_in_ms }, "database not reachable yet");
    lastRefusal = refusal;
    failures += 1;
    return "failed";
  };
  const outcome = await retry(attempt, {
    ...firstConnection,
    isTransient: outcome => outcome === "failed",
    mayRetry: () => true,
    retriesMax: Number.POSITIVE_INFINITY,
    retryMaxMs: Number.POSITIVE_INFINITY,
    signal,
  });
  if (outcome === "failed" || outcome === "aborted") return "aborted";
  if (failures > 0) log.info({ waited_ms: Math.round(performance.now() - started) }, "database reachable");
  return outcome;
}

/** Errors that do not pass by themselves, by SQLSTATE. A database that does not exist may still be in creation. */
const refusals: Record<string, string> = {
  "28P01": "the database refuses the user name or the password: correct DATABASE_URL (it is tried again until then)",
  "28000": "the database refuses this user: correct DATABASE_URL or pg_hba.conf (it is tried again until then)",
  "42501": "the database user may not connect: grant it CONNECT (it is tried again until then)",
};

/** `refusal` says what a person has to correct. */
async function ping(url: string): Promise<"ready" | "pooled" | { message: string; refusal: string | null }> {
  const sql = connectHot(url, { applicationName: "hakika waiting", max: 1, isPooled: true });
  try {
    return (await isPooler(sql)) ? "pooled" : "ready";
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (code === "CONNECTION_DESTROYED") return { message: "the server is a standby, not the primary", refusal: null };
    const message = error instanceof Error ? error.message || error.name : String(error);
    return { message, refusal: refusals[code] ?? null };
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** Whether a pooler answers in the server's place: it hands out numbers of its own for the process behind a session. */
async function isPooler(sql: Sql): Promise<boolean> {
  const rows = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return rows[0]!.pid !== rows.state.pid;
}

/** What a pooled session does not have by itself, as statements for the beginning of a transaction. */
function settingsOfTransactions({ byKey = false, isPooled = false }: Partial<ConnectOptions>): string | null {
  if (!isPooled) return null;
  const settings = { idle_in_transaction_session_timeout: idleInTransactionMs, ...(byKey && byKeySettings) };
  return Object.entries(settings)
    .map(([name, value]) => `set local ${name} = ${value}`)
    .join("; ");
}

function clientOptions(options: ConnectOptions) {
  const { applicationName, max, byKey = false, isDistributed = false, isLasting = false, isPooled = false } = options;
  return {
    max,
    prepare: !isPooled,
    connect_timeout: connectTimeoutS,
    keep_alive: keepAliveS,
    ...(isLasting && { max_lifetime: null }),
    // By itself postgres.js waits up to 20 s between tries: that long a database that is back would stay unnoticed.
    backoff: (tries: number) => {
      const { first, factor, max } = reconnectAfterS;
      return Math.min(first * factor ** tries, max) * (0.5 + Math.random() / 2);
    },
    onnotice: () => {},
    connection: {
      application_name: applicationName,
      // A pooler refuses settings that it does not know.
      ...(!isPooled && {
        idle_in_transaction_session_timeout: idleInTransactionMs,
        ...serverKeepAlive,
        ...(byKey && byKeySettings),
        ...(isDistributed && { plan_cache_mode: "force_custom_plan" }),
      }),
    },
  };
}
