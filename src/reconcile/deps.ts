import type { Logger } from "pino";
import type { Connection } from "../connections/connection.ts";
import type { Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import type { Egress } from "../egress/client.ts";
import type { Provider } from "../providers/provider.ts";
import type { Settled, SettleItem } from "../settle/item.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** What reconciling needs of the world. */
export type ReconcileDeps = {
  sql: Sql;
  box: SecretBox;
  /** The one way out. */
  egress: Pick<Egress, "send">;
  providers: ReadonlyMap<string, Provider>;
  /** A connection, opened; a deleted one too. */
  connectionOf: (shard: number, id: string) => Promise<Connection | null>;
  /** Settles one thing and resolves after the commit (Settler.settle). */
  settle: (shard: number, item: SettleItem) => Promise<Settled>;
  /** Base of the callback URLs, without a slash at its end. */
  publicUrl: () => string;
  log: Logger;
  telemetry: Telemetry;
};
