import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { type KeyCache, makeKeyCache } from "../api/auth/key-cache.ts";
import { createDirectory, type Directory } from "../connections/directory.ts";
import { insertHeads, onQueryable } from "../database/audit/append-store.ts";
import { makeSecretBox, type SecretBox } from "../database/encryption.ts";
import { auditKeyName, installationKey, type PhoneHasher, phoneHasher } from "../database/installation-key.ts";
import type { NoticeSender } from "../database/notices.ts";
import type { Clients } from "../database/open.ts";
import { patiently } from "../database/patiently.ts";
import { vaultKeyName } from "../database/vault/vault.ts";
import { allShards } from "../domain/ids.ts";
import type { Egress } from "../egress/client.ts";
import { type BacklogView, createBacklog } from "../metrics/backlog.ts";
import { readBacklog } from "../metrics/backlog-store.ts";
import type { Provider } from "../providers/provider.ts";
import { createAccessTokens } from "../reconcile/calls/access-tokens.ts";
import type { ReconcileDeps } from "../reconcile/deps.ts";
import { createSettler, type SettlerDeps } from "../settle/settler.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { afterSettling } from "./after-settling.ts";
import type { Config } from "./config.ts";
import { ensureGeneratedKeys, type Keys } from "./generated-keys.ts";
import type { MetricsText } from "./processes/child.ts";
import { createWakeUps, type WakeUps } from "./wake-ups.ts";

/** What the services need first: configuration, and what was started before them. */
export type ProgramBase = {
  config: Config;
  /** Base of the callback URLs, without a slash at its end. */
  publicUrl: string;
  keys: Keys;
  log: Logger;
  /** Aborted once the program is to stop. */
  signal: AbortSignal;
  registry: Registry;
  /** What `/metrics` shows: this process's registry, or those of all processes of one start. */
  metrics: MetricsText;
  telemetry: Telemetry;
  providers: ReadonlyMap<string, Provider>;
  clients: Clients;
  egress: Egress;
  notices: NoticeSender;
};

/** What the services of one program share. */
export type Program = ProgramBase & {
  box: SecretBox;
  directory: Directory;
  /** Keyed hash under which phones are searched; the key is the installation's. */
  phones: PhoneHasher;
  wakeUps: WakeUps;
  keyCache: KeyCache;
  /** Key of the audit's chain. */
  auditKey: Buffer;
  backlog: BacklogView;
  settle: SettlerDeps;
  reconcile: ReconcileDeps;
};

/** Makes what the services share. Reads the installation's key from the database, or makes it. */
export async function createProgram(base: ProgramBase): Promise<Program> {
  const { config, publicUrl, keys, log, telemetry, providers, clients, egress, notices } = base;
  const { sql, receiveSql } = clients;
  // Another process may have sealed under a key that was added after this one started.
  const currentKeys = () =>
    ensureGeneratedKeys({ ...config, adminKey: keys.adminKey }, { makesSecretKey: false }).secretKeys;
  const box = makeSecretBox(keys.secretKeys, currentKeys);
  const directory = createDirectory({ sql: receiveSql, box });
  const phones = phoneHasher(await patiently(() => installationKey(sql, box, "phone-hash"), base));
  clients.vault.unlock(await patiently(() => installationKey(sql, box, vaultKeyName), base));
  const auditKey = await patiently(() => installationKey(sql, box, auditKeyName), base);
  await patiently(() => insertHeads(onQueryable(sql), auditKey, allShards), base);
  const wakeUps = createWakeUps(notices);
  const onSettled = afterSettling({ sql, directory, providers, wakeUps, log, telemetry });
  const deliveryHandOver = () => wakeUps.local.deliver?.handOver ?? null;
  const settle: SettlerDeps = { sql, telemetry, providers, phones, onSettled, deliveryHandOver };
  const reconcile: ReconcileDeps = {
    sql,
    box,
    egress,
    providers,
    directory,
    settler: createSettler(settle),
    publicUrl: () => publicUrl,
    log,
    telemetry,
    tokens: createAccessTokens({ sql, box, log }),
  };
  const keyCache = makeKeyCache();
  const backlog = createBacklog(
    () => readBacklog(sql),
    () => performance.now(),
  );
  return { ...base, box, directory, phones, wakeUps, keyCache, auditKey, backlog, settle, reconcile };
}
