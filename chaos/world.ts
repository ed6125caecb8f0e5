import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { binariesPackage } from "../src/embedded-postgres/binaries.ts";
import { installBinaries } from "../src/embedded-postgres/install.ts";
import { freePort } from "../src/embedded-postgres/port.ts";
import { type SimulatedDaraja, simulateDaraja } from "../src/providers/daraja/simulator/server.ts";
import { callApi, type Json } from "./api.ts";
import { type Endpoint, startEndpoint } from "./merchant.ts";
import { endpoints as endpointNames, type Plan, type ProcessName, processes } from "./plan.ts";
import { type PostgresServer, removeFolder, startPostgres, startReplica } from "./postgres.ts";
import { type Program, programOf } from "./program.ts";
import { type DatabaseProxy, startProxy } from "./proxy.ts";
import { makeRoom, type Room } from "./room.ts";

export type Connection = { name: string; id: string; callbackUrl: string; daraja: SimulatedDaraja };

/** Everything that a plan's faults fall upon. */
export type World = {
  folder: string;
  adminKey: string;
  /** `current` takes the writes. */
  database: { current: PostgresServer; replica: PostgresServer | null; room: Room; proxies: readonly DatabaseProxy[] };
  programs: Readonly<Record<ProcessName, Program>>;
  /** Disks of the programs' data folders. */
  rooms: Readonly<Record<ProcessName, Room>>;
  endpoints: Readonly<Record<string, Endpoint>>;
  /** Names of the endpoints by their ids. */
  endpointIds: ReadonlyMap<string, string>;
  connections: readonly Connection[];
  close(): Promise<void>;
};

const databaseMegabytes = 256;
const dataMegabytes = 16;
export const ratePerMinute = 300;
const schedules = {
  polls: [3, 6, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 120, 150, 180, 240, 300],
  retries: [1, 1, 2, 2, 3, 3, 5, 5, 5, 5, 10, 10, 10, 10, 20, 20, 20, 20],
};

/** Worlds that are open, for a run that is broken off. */
const open = new Set<() => Promise<void>>();

/** Ends what a run that is broken off has started. */
export async function closeWorlds(): Promise<void> {
  await Promise.all([...open].map(close => close()));
}

/** Starts databases, processes, merchants and providers. What it started before it failed is ended. */
export async function startWorld(plan: Plan): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), "hakika-chaos-"));
  chmodSync(folder, 0o755);
  const undo: (() => unknown)[] = [() => removeFolder(folder)];
  const close = async () => {
    open.delete(close);
    for (const each of undo.splice(0).reverse()) await each();
  };
  open.add(close);
  try {
    const database = await startDatabase(plan, folder, undo);
    const adminKey = `hka_${randomBytes(24).toString("hex")}`;
    const { programs, rooms } = await startPrograms(folder, urlThrough(database), adminKey, undo);
    const endpoints: Record<string, Endpoint> = {};
    for (const name of endpointNames) {
      endpoints[name] = await startEndpoint();
      undo.push(endpoints[name].close);
    }
    const call = (path: string, body: object) => callApi(programs["receiver 1"].url, adminKey, "POST", path, body);
    const shops = await openShops(call, endpoints, undo);
    return { folder, adminKey, database, programs, rooms, endpoints, ...shops, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startDatabase(plan: Plan, folder: string, undo: (() => unknown)[]): Promise<World["database"]> {
  const binDir = process.env.PG_BIN_DIR ?? installBinaries(binariesPackage(), path.join(folder, "programs"));
  const room = makeRoom(path.join(folder, "primary"), databaseMegabytes);
  undo.push(room.remove);
  const current = await startPostgres(room.folder, binDir);
  undo.push(current.kill9);
  const hasFailover = plan.faults.some(({ kind }) => kind === "failover");
  const replica = hasFailover
    ? await startReplica(current, path.join(folder, "replica"), { synchronous: true, binDir })
    : null;
  if (replica !== null) undo.push(replica.kill9);
  const proxies: DatabaseProxy[] = [];
  for (const server of [replica, current]) {
    if (server === null) continue;
    const proxy = await startProxy(server.port);
    proxies.push(proxy);
    undo.push(proxy.close);
  }
  return { current, replica, room, proxies };
}

/** The address of all servers behind their proxies, the standby first. */
function urlThrough({ current, proxies }: World["database"]): string {
  const hosts = proxies.map(({ port }) => `127.0.0.1:${port}`).join(",");
  return `${current.url.replace(/127\.0\.0\.1:\d+/, hosts)}?target_session_attrs=read-write`;
}

async function startPrograms(folder: string, databaseUrl: string, adminKey: string, undo: (() => unknown)[]) {
  const secretKey = randomBytes(32).toString("base64");
  const made: [ProcessName, Program, Room][] = [];
  for (const name of processes) {
    const home = path.join(folder, name.replace(" ", "-"));
    mkdirSync(home, { recursive: true });
    const room = makeRoom(path.join(home, "data"), dataMegabytes);
    const program = programOf(await freePort(), home, {
      DATABASE_URL: databaseUrl,
      HAKIKA_ADMIN_KEY: adminKey,
      HAKIKA_SECRET_KEY: secretKey,
      HAKIKA_ROLES: name.split(" ")[0]!,
      HAKIKA_EGRESS_ALLOW: "127.0.0.0/8",
      HAKIKA_RECONCILE_CRON: "off",
    });
    undo.push(room.remove, program.kill9);
    made.push([name, program, room]);
  }
  await Promise.all(made.map(([, program]) => program.start()));
  const ended = made.find(([, program]) => program.endedByItself());
  if (ended) throw new Error(`${ended[0]} did not start: ${ended[1].logEnd()}`);
  return {
    programs: Object.fromEntries(made.map(([name, program]) => [name, program])) as World["programs"],
    rooms: Object.fromEntries(made.map(([name, , room]) => [name, room])) as World["rooms"],
  };
}

/** Two merchants: A, whose callbacks settle by themselves, has two endpoints; B, whose need a status call, has one. */
async function openShops(
  call: (path: string, body: object) => Promise<Json>,
  endpoints: Record<string, Endpoint>,
  undo: (() => unknown)[],
): Promise<Pick<World, "connections" | "endpointIds">> {
  const endpointIds = new Map<string, string>();
  const connections: Connection[] = [];
  for (const name of ["A", "B"]) {
    const { id: merchant_id } = await call("/v1/merchants", { name });
    const daraja = await simulateDaraja();
    undo.push(daraja.close);
    const { id, callback_urls } = await call("/v1/connections", {
      ...{ merchant_id, provider: "daraja", environment: "sandbox", base_url: daraja.url },
      credentials: { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" },
      settings: {
        ...(name === "A" && { settle_on: "hint" }),
        reconcile: { schedule_s: schedules.polls, rate_per_minute: ratePerMinute },
      },
    });
    connections.push({ name, id, callbackUrl: new URL(callback_urls.stk).pathname, daraja });
    for (const [endpointName, endpoint] of Object.entries(endpoints).filter(([each]) => each.startsWith(name))) {
      const made = await call("/v1/endpoints", {
        ...{ merchant_id, url: endpoint.url, environment: "any", retry_schedule_s: schedules.retries },
      });
      endpoint.secret = made.secret;
      endpointIds.set(made.id, endpointName);
    }
  }
  return { connections, endpointIds };
}
