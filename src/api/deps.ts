import type { PgDatabase } from "drizzle-orm/pg-core";
import type { PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import type { Logger } from "pino";
import type { SecretBox } from "../database/encryption.ts";
import type { AddressRange } from "../egress/address.ts";
import type { Provider } from "../providers/provider.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { KeyCache } from "./auth/key-cache.ts";
import type { Ports } from "./ports.ts";

/** A database or a transaction of it: what statements run on. */
export type DrizzleQueryable = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

/** What the management API needs of the world. */
export type ApiDeps = {
  db: DrizzleQueryable;
  box: SecretBox;
  adminKey: string;
  /** Base of the callback URLs, without a slash at its end. Read at each request: a getter may stand here. */
  publicUrl: string;
  egressAllow: AddressRange[];
  providers: ReadonlyMap<string, Provider>;
  /** Merchants' keys just seen. `forget` it where another process says that a key is gone. */
  keys: KeyCache;
  log: Logger;
  now(): Date;
  telemetry: Telemetry;
} & Ports;
