import type { PgDatabase } from "drizzle-orm/pg-core";
import type { PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import type { Context } from "hono";
import type { Logger } from "pino";
import type { TokenBuckets } from "../batch/token-bucket.ts";
import type { Directory } from "../connections/directory.ts";
import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import type { Notice } from "../database/notices.ts";
import type { AddressRange } from "../egress/address.ts";
import type { Provider } from "../providers/provider.ts";
import type { ReconcileDeps } from "../reconcile/deps.ts";
import type { Settler } from "../settle/settler.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { KeyCache } from "./auth/key-cache.ts";
import type { KeyUse } from "./auth/key-use.ts";
import type { Readers } from "./events/readers.ts";

/** A database or a database transaction, for statements written with Drizzle. */
export type DrizzleQueryable = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

/** So many of each a merchant may have. */
export type ApiLimits = { endpoints: number; connections: number; keys: number };

/** What the management API works with. */
export type ApiDeps = {
  /** For the API's own statements. */
  db: DrizzleQueryable;
  /** For the statements of the rooms below. */
  sql: Sql;
  box: SecretBox;
  /** Keyed hashes by which phones are searched. */
  phones: PhoneHasher;
  adminKey: string;
  /** Base of the callback URLs, without a slash at its end. Read on each request, so a getter may supply it. */
  publicUrl: string;
  egressAllow: AddressRange[];
  /** Whose days and hours of the week count where a call names no time zone. */
  timeZone: string;
  /** Whether there is a mail server for alerts. */
  sendsEmail: boolean;
  providers: ReadonlyMap<string, Provider>;
  directory: Directory;
  settler: Settler;
  /** For polls, passes and the registration of callback URLs. */
  reconcile: ReconcileDeps;
  /** Keys that were used within the last seconds. */
  keys: KeyCache;
  keyUse: KeyUse;
  /** Calls by key; the admin's own has no limit. */
  rate: TokenBuckets;
  limits: ApiLimits;
  /** Key of the audit's chain. */
  auditKey: Buffer;
  /** The address that a request comes from. */
  addressOf(c: Context): string;
  log: Logger;
  now(): Date;
  /** Called after the commit of a change, so that this and other processes drop what they cached. Ids are UUIDs. */
  changed(notice: Notice): Promise<void>;
  /** Called when the inbox of a shard has a callback to read. */
  wakeInbox(shard: number): void;
  /** Called when a statement was uploaded. */
  wakeStatements(): void;
  /** Called when endpoints of a shard have deliveries to send. */
  wakeDeliver(shard: number, endpointIds: string[]): void;
  /** Aborted when the process stops: a running pass ends early. */
  stopping: AbortSignal;
  /** Aborted before the program waits for its running requests: streams of events and waits for them end. */
  closing: AbortSignal;
  /** Those who wait for events. */
  readers: Readers;
  telemetry: Telemetry;
};
