import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type ChildProgram, spawnChild, startChild } from "../support/child-program.ts";
import { testDatabase } from "../support/database.ts";
import { api, openShop, request } from "../support/hakika.ts";
import { expectSettledOnce } from "./expect-settled.ts";
import { startLoad } from "./load.ts";

const after: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo();
});

async function startSeveral(processes: number) {
  const database = await testDatabase();
  after.push(() => database.drop());
  const program = await startChild(database.url, { HAKIKA_PROCESSES: String(processes) });
  after.push(() => program.end("SIGTERM"));
  return { database, program };
}

async function openProductionShop(program: ChildProgram) {
  const shop = await openShop(program, { environment: "production", settings: { settle_on: "hint" } });
  after.push(() => shop.merchant.close());
  return { shop, stk: shop.connection.callback_urls.stk! };
}

/** The ids of the processes of a role, in the order in which they started. */
function pidsOf(program: ChildProgram, role: string): number[] {
  const lines = program.output().split("\n");
  const started = lines.filter(line => line.includes(`"roles":["${role}"]`) && line.includes('"msg":"started"'));
  return started.map(line => (JSON.parse(line) as { pid: number }).pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A metric by process, of the series whose labels hold `text`. */
async function metricByProcess(program: ChildProgram, name: string, text = ""): Promise<Map<string, number>> {
  const { text: metrics } = await request("GET", `${program.url}/metrics`);
  const found = new Map<string, number>();
  for (const line of metrics.split("\n").filter(each => each.startsWith(`${name}{`) && each.includes(text))) {
    const process = /process="([^"]*)"/.exec(line)![1]!;
    found.set(process, (found.get(process) ?? 0) + Number(line.split(" ").at(-1)));
  }
  return found;
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

test("two receivers on one port and a worker beside them do the work of one process; SIGTERM to the first ends all", async () => {
  const { database, program } = await startSeveral(2);
  const { shop, stk } = await openProductionShop(program);
  const load = startLoad(() => stk, 8);
  await load.more(200);
  await load.stop();
  expect(load.refused).toEqual([]);
  await expectSettledOnce(database.sql, shop, load.answered);

  const received = await metricByProcess(program, "hakika_callbacks_total");
  expect(sum(received.values())).toBe(load.answered.length);
  const versions = await metricByProcess(program, "hakika_build_info");
  expect([...versions.keys()].sort()).toEqual(["receiver 1", "receiver 2", "worker"]);

  const pids = [...pidsOf(program, "receiver"), ...pidsOf(program, "worker")];
  expect(pids).toHaveLength(3);
  expect(await program.end("SIGTERM")).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(program.output().match(/"msg":"stopped"/g)).toHaveLength(4);
});

test("a process that is killed is started again, and the others go on meanwhile", async () => {
  const { database, program } = await startSeveral(2);
  const { shop, stk } = await openProductionShop(program);
  for (const role of ["receiver", "worker"]) {
    const before = pidsOf(program, role);
    process.kill(before[0]!, "SIGKILL");
    await expect.poll(() => pidsOf(program, role).length, { timeout: 60_000 }).toBe(before.length + 1);
  }
  const ids = Array.from({ length: 20 }, (_, n) => `ws_CO_after_${n}`);
  for (const [n, id] of ids.entries()) expect((await request("POST", stk, stkPaid(id, receiptOf(n)))).status).toBe(200);
  await expectSettledOnce(database.sql, shop, ids);
  expect((await request("GET", `${program.url}/readyz`)).json.checks).toMatchObject({ worker: "ok" });
  expect(await program.end("SIGTERM")).toBe(0);
});

test("the API and the console answer in every receiver, and see what another receiver changed", async () => {
  const { program } = await startSeveral(2);
  const { id } = await api(program, "POST", "/v1/merchants", { name: "Duka" });
  const { key } = await api(program, "POST", `/v1/merchants/${id}/api-keys`, { name: "main" });
  for (let call = 0; call < 8; call += 1) {
    // Each connection may reach another receiver.
    const headers = { authorization: `Bearer ${key}`, connection: "close" };
    expect((await request("GET", `${program.url}/v1/transactions`, undefined, headers)).status).toBe(200);
    expect((await request("GET", `${program.url}/`, undefined, { connection: "close" })).status).toBeLessThan(400);
  }
  expect(await program.end("SIGTERM")).toBe(0);
});

test("a port that is in use ends the start with what to do, in one process and in several", async () => {
  const taken = createServer();
  await new Promise<void>(resolve => taken.listen(0, "127.0.0.1", resolve));
  after.push(() => new Promise(resolve => taken.close(resolve)));
  const { port } = taken.address() as { port: number };
  for (const processes of ["1", "2"]) {
    // The database is not asked: there is none at this address.
    const env = { PORT: String(port), HAKIKA_PROCESSES: processes };
    const program = spawnChild("postgres://nobody@127.0.0.1:1/none", env);
    await expect(program.said(/API:/)).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use: set PORT to another, or is Hakika running already?`,
    );
    expect(await program.end("SIGTERM")).toBe(1);
  }
});

test("a data folder that cannot be written ends the start, and the message names its variable", async () => {
  for (const processes of ["1", "2"]) {
    const env = { HAKIKA_DATA_DIR: "/dev/null/data", HAKIKA_PROCESSES: processes };
    const program = spawnChild("postgres://nobody@127.0.0.1:1/none", env);
    await expect(program.said(/API:/)).rejects.toThrow(/\/dev\/null\/data cannot be written .*set HAKIKA_DATA_DIR/);
    expect(await program.end("SIGTERM")).toBe(1);
  }
});
