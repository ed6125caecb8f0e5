import { startEmbedded } from "../../embedded-postgres/start.ts";
import type { Config } from "../config.ts";
import { checkDataFolder } from "../data-folder.ts";
import { closeDataFolder } from "../data-folder-mode.ts";
import { ensureGeneratedKeys } from "../generated-keys.ts";
import { authorityOf, type ListenAddress } from "../listen-address.ts";
import { adminNames, checkListenAddress } from "../listen-problem.ts";
import type { Running, StartOptions } from "../running.ts";
import { childProcess } from "./child.ts";
import { type ChildPlan, startChildren } from "./children.ts";
import { createGathering } from "./gather-metrics.ts";

/** How long one scrape of the metrics waits for a process. */
const metricsMs = 1_000;

/** Whether this process only starts others, one for each receiver and one for the worker (`HAKIKA_PROCESSES`). */
export function isFirstOfSeveral({ processes, roles }: Pick<Config, "processes" | "roles">): boolean {
  return processes > 1 && roles.has("receiver") && childProcess() === null;
}

function plansOf({ processes, roles }: Config): ChildPlan[] {
  const receivers = Array.from({ length: processes }, (_, at) => ({ name: `receiver ${at + 1}`, role: "receiver" }));
  return [...receivers, ...(roles.has("worker") ? [{ name: "worker", role: "worker" }] : [])] as ChildPlan[];
}

/** The admin's address with the port that its receivers share; null where there is none. */
async function freeAdminAddress({ adminListen }: Config): Promise<ListenAddress | null> {
  if (adminListen === null) return null;
  return { ...adminListen, port: await checkListenAddress(adminListen, adminNames) };
}

/**
 * Starts the embedded database once, then the receiver processes on one port and the worker process. This process
 * itself accepts connections for the receivers, starts again what ends, and does no other work.
 */
export async function startProcesses(config: Config, { log, signal }: StartOptions): Promise<Running> {
  const { host, dataDir, pgBinDir, databaseUrl, processes } = config;
  checkDataFolder(dataDir);
  closeDataFolder(config);
  // The receivers and the worker make the secret key: they know whether the database has values that one sealed.
  const keys = ensureGeneratedKeys({ ...config, secretKeys: config.secretKeys ?? [] });
  const port = await checkListenAddress({ host, port: config.port });
  const adminListen = await freeAdminAddress(config);
  const options = { dataDir, binDir: pgBinDir ?? undefined, processes, log };
  const embedded = databaseUrl === null ? await startEmbedded(options) : null;
  const environment = {
    PORT: String(port),
    ...(adminListen && { HAKIKA_ADMIN_LISTEN: authorityOf(adminListen) }),
  };
  const gathering = createGathering(metricsMs);
  const children = startChildren(plansOf(config), environment, log, (name, message, send) => {
    if (message.hakika === "metrics") gathering.reported(name, message.id, message.metrics);
    if (message.hakika !== "ask for all metrics") return;
    const { id } = message;
    void gathering.gather(children.living()).then(text => send({ hakika: "all metrics", id, text }));
  });
  const stop = async () => {
    await children.stop();
    await embedded?.stop();
  };
  try {
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped before the processes were ready")));
    });
    const url = await Promise.race([children.started, aborted]);
    const adminUrl = adminListen ? `http://${authorityOf(adminListen)}` : url;
    return { url, adminUrl, adminKey: keys.adminKey, adminKeyIsNew: keys.adminKeyIsNew, failed: children.failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
