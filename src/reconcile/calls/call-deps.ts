import type { Logger } from "pino";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import type { Egress } from "../../egress/client.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { AccessTokens } from "./access-tokens.ts";

/** What provider calls need. */
export type CallDeps = {
  sql: Sql;
  box: SecretBox;
  egress: Pick<Egress, "send">;
  providers: ReadonlyMap<string, Provider>;
  tokens: AccessTokens;
  /** Base of the callback URLs, without a trailing slash. */
  publicUrl: () => string;
  log: Logger;
  telemetry: Telemetry;
};
