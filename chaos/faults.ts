import type { Sql } from "../src/database/connect.ts";
import { connectHot } from "../src/database/connect.ts";
import type { ScriptStep } from "../src/simulator/script.ts";
import type { Load } from "./load.ts";
import type { Fault } from "./plan.ts";
import { promote } from "./postgres.ts";
import type { World } from "./world.ts";

type Undo = () => unknown;

const providerSteps = {
  hang: { do: "hang" },
  fail: { do: "break", status: 500 },
  "answer late": { do: "late", ms: 2_000, step: { do: "report" } },
  throttle: { do: "throttle" },
} as const satisfies Record<string, ScriptStep>;

/** Begins a fault; what it answers ends it. `say` tells where something is simulated that the system does not allow. */
export async function begin(fault: Fault, world: World, load: Load, say: (line: string) => void): Promise<Undo> {
  const { database, programs, endpoints, connections } = world;
  const eachProxy = (change: (proxy: World["database"]["proxies"][number]) => void) => {
    for (const proxy of database.proxies) change(proxy);
  };
  switch (fault.kind) {
    case "kill":
      await programs[fault.process].kill9();
      return programs[fault.process].start;
    case "pause":
      programs[fault.process].pause(true);
      return () => programs[fault.process].pause(false);
    case "clock":
      programs[fault.process].setClock(fault.byS);
      return () => programs[fault.process].setClock(0);
    case "cut":
      eachProxy(proxy => proxy.cut(fault.where, fault.times));
      return () => eachProxy(proxy => proxy.mend());
    case "latency":
      eachProxy(proxy => proxy.delay(fault.ms));
      return () => eachProxy(proxy => proxy.delay(0));
    case "silence":
      eachProxy(proxy => proxy.silence(true));
      return () => eachProxy(proxy => proxy.silence(false));
    case "database restart":
      await database.current.stop();
      return database.current.start;
    case "database kill":
      await database.current.kill9();
      return database.current.start;
    case "failover":
      await database.current.kill9();
      return async () => {
        await promote(database.replica!);
        database.current = database.replica!;
      };
    case "database full":
      return fillDatabase(world, say);
    case "spool full":
      return fillSpool(fault, world, say);
    case "merchant":
      endpoints[fault.endpoint]!.does = fault.does;
      return () => {
        endpoints[fault.endpoint]!.does = "well";
      };
    case "provider":
      for (const { daraja } of connections) daraja.ledger.outage(providerSteps[fault.does]);
      return () => {
        for (const { daraja } of connections) daraja.ledger.outage(null);
      };
    case "callbacks":
      load.weather = fault.are;
      return () => {
        load.weather = "well";
      };
  }
}

async function fillDatabase({ database }: World, say: (line: string) => void): Promise<Undo> {
  const { room, current } = database;
  // After a failover the replica serves, which has no disk of its own.
  if (room.isOwn && current.cluster.startsWith(room.folder)) {
    await room.fill();
    return async () => {
      room.empty();
      await current.start();
    };
  }
  say("no right to mount a small disk here: the database is made read-only in its place");
  await onServer(current.url, setReadOnly(true));
  return () => onServer(current.url, setReadOnly(false));
}

const setReadOnly = (isReadOnly: boolean) => async (sql: Sql) => {
  await sql.unsafe(`alter system set default_transaction_read_only = ${isReadOnly ? "on" : "off"}`);
  await sql`select pg_reload_conf()`;
};

async function fillSpool(
  { process }: Fault & { kind: "spool full" },
  { database, rooms }: World,
  say: (line: string) => void,
): Promise<Undo> {
  const room = rooms[process];
  if (room.isOwn) await room.fill();
  else say("no right to mount a small disk here: the spool keeps its room, the database alone is away");
  for (const proxy of database.proxies) proxy.silence(true);
  return () => {
    room.empty();
    for (const proxy of database.proxies) proxy.silence(false);
  };
}

async function onServer(url: string, work: (sql: Sql) => Promise<void>): Promise<void> {
  const sql = connectHot(url, { applicationName: "chaos", max: 1 });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
