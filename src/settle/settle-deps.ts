import type { Sql } from "../database/connect.ts";
import type { Provider } from "../providers/provider.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { PhoneHash } from "./apply/transaction-write-store.ts";

/** The database, the providers and the key that settling works with. */
export type SettleDeps = {
  sql: Sql;
  telemetry: Telemetry;
  providers: ReadonlyMap<string, Provider>;
  /** Keyed hash under which a phone is searched. */
  phoneHash: PhoneHash;
};
