import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { Before } from "./before.ts";
import { type Child, startChild } from "./child.ts";
import { serverEnv } from "./setup.ts";

/** One system under test: a process with a database of its own, and the path that takes callbacks. */
export type Contestant = { name: string; child: Child; path: string; tells: boolean };

type Place = { databaseUrl: string; merchantUrl: string };

/** The systems of `names`, started one after the other and paused: only the one whose turn it is runs. */
export async function startContestants(
  names: readonly string[],
  { databaseUrl, merchantUrl }: Place,
  before: Before | null,
): Promise<Contestant[]> {
  const started: Contestant[] = [];
  for (const name of names) {
    const url = await newDatabase(databaseUrl, `bench_${name.replace(/\W/g, "_")}`);
    const contestant = await starters[name]!({ databaseUrl: url, merchantUrl }, before);
    contestant.child.process.kill("SIGSTOP");
    started.push(contestant);
  }
  return started;
}

/** Lets one system run for a turn. The others are stopped, so their timers cost the turn nothing. */
export async function takeTurn<Result>({ child }: Contestant, turn: () => Promise<Result>): Promise<Result> {
  child.process.kill("SIGCONT");
  try {
    return await turn();
  } finally {
    child.process.kill("SIGSTOP");
  }
}

export async function stopContestants(contestants: Contestant[]): Promise<void> {
  for (const { child } of contestants) child.process.kill("SIGCONT");
  await Promise.all(contestants.map(({ child }) => child.stop()));
}

const starters: Record<string, (place: Place, before: Before | null) => Promise<Contestant>> = {
  plain: place => peer("plain", "plain.ts", place, false),
  "do-it-yourself": place => peer("do-it-yourself", "do-it-yourself.ts", place, true),
  "do-it-yourself, batched": place => peer("do-it-yourself, batched", "do-it-yourself.ts", place, true, "1"),
  floor: place => peer("floor", "floor.ts", place, true),
  hakika: place => hakika("hakika", place, ".", "receiver,worker"),
  "hakika receiver": place => hakika("hakika receiver", place, ".", "receiver"),
  before: (place, before) => hakika("before", place, before!.folder, "receiver,worker"),
  "before receiver": (place, before) => hakika("before receiver", place, before!.folder, "receiver"),
};

async function peer(name: string, file: string, place: Place, tells: boolean, batched = ""): Promise<Contestant> {
  const child = await startChild([process.execPath, "--import", "tsx", `bench/servers/${file}`], {
    DATABASE_URL: place.databaseUrl,
    MERCHANT_URL: place.merchantUrl,
    BATCHED: batched,
  });
  return { name, child, path: "/in", tells };
}

/** `BENCH_NODE_ARGS` are passed to Node: `--cpu-prof --cpu-prof-dir=...` writes a profile. */
async function hakika(name: string, place: Place, folder: string, roles: string): Promise<Contestant> {
  const nodeArgs = process.env.BENCH_NODE_ARGS?.split(" ") ?? [];
  const env = {
    ...serverEnv,
    DATABASE_URL: place.databaseUrl,
    HAKIKA_ROLES: roles,
    HAKIKA_DATA_DIR: mkdtempSync(join(tmpdir(), "hakika-bench-")),
  };
  const child = await startChild([process.execPath, ...nodeArgs, "bin/hakika.js", "start"], env, folder);
  const path = await makeShopOverApi(child.port, roles.includes("worker") ? place.merchantUrl : null);
  return { name, child, path, tells: roles.includes("worker") };
}

/** A merchant with a connection and an endpoint; over the API, so that it works for earlier commits too. */
export async function makeShopOverApi(port: number, endpointUrl: string | null): Promise<string> {
  const call = async (path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${serverEnv.HAKIKA_ADMIN_KEY}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string; callback_urls: Record<string, string> };
  };
  const { id: merchant_id } = await call("/v1/merchants", { name: "Bench" });
  const connection = await call("/v1/connections", {
    ...{ merchant_id, provider: "daraja", environment: "production" },
    settings: { settle_on: "hint" },
  });
  if (endpointUrl !== null) await call("/v1/endpoints", { merchant_id, url: endpointUrl });
  return new URL(connection.callback_urls.stk!).pathname;
}

async function newDatabase(serverUrl: string, name: string): Promise<string> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await sql`drop database if exists ${sql(name)} with (force)`;
  await sql`create database ${sql(name)}`;
  await sql.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
