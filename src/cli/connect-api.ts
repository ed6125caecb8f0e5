import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, fetch } from "undici";
import type { Config } from "../app/config.ts";
import { localUrl } from "../app/listen-address.ts";
import { startHakika } from "../main.ts";
import type { ApiClient } from "./api-client.ts";
import { configuration } from "./configuration.ts";
import { quietLog } from "./quiet-log.ts";

const probeTimeoutMs = 2_000;
const databaseWaitMs = 20_000;
/** A server that is starting responds with 503. The wait for it ends after this time. */
const startingWaitMs = 10_000;
const startingPauseMs = 250;

/**
 * Connects to the API of the server that runs with this configuration. Where none runs, starts one in this process on a
 * free loopback port, with the settings that `forOwnServer` returns.
 */
export async function connectApi(
  forOwnServer: (config: Config) => Partial<Config> | Promise<Partial<Config>> = receiverOnly,
  config: Config = configuration(),
): Promise<ApiClient> {
  const key = config.adminKey ?? storedAdminKey(config.dataDir);
  if (key !== null) {
    for (const url of addressesOf(config)) {
      const result = await probe(url, key);
      if (result === "accepted") return clientAt(url, key, false, async () => {});
      if (result === "refused") {
        process.stderr.write(`hakika: the server at ${url} has another admin key; using the database directly\n`);
      }
    }
  }
  // A temporary key: the first `hakika start` creates the permanent one, and shows it.
  const adminKey = key ?? randomBytes(32).toString("base64url");
  const loopback = { host: "127.0.0.1", port: 0, adminListen: null };
  const own = { ...config, adminKey, ...loopback, ...(await forOwnServer(config)) };
  const running = await startHere(own);
  return clientAt(running.url, adminKey, true, running.stop);
}

/** A server for one command. Without the worker role it takes no work from the workers that run. */
function receiverOnly(): Partial<Config> {
  return { roles: new Set(["receiver"]), reconcileCron: null };
}

async function startHere(config: Config) {
  const signal = AbortSignal.timeout(databaseWaitMs);
  try {
    return await startHakika(config, { log: quietLog(), signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(
      `the database did not respond within ${databaseWaitMs / 1000} s: check DATABASE_URL, and that its server runs ` +
        "(hakika doctor says more)",
    );
  }
}

function storedAdminKey(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, "admin.key"), "utf8").trim();
  } catch {
    return null;
  }
}

function addressesOf({ host, port, adminListen, publicUrl, publicUrlIsDefault }: Config): string[] {
  // The admin's key is known at no other address.
  if (adminListen !== null) return adminListen.port === 0 ? [] : [localUrl(adminListen)];
  return [...(port === 0 ? [] : [localUrl({ host, port })]), ...(publicUrlIsDefault ? [] : [publicUrl])];
}

/**
 * Whether Hakika runs at an address and accepts the key. The key is sent only where `/healthz` responds as Hakika's
 * does.
 */
async function probe(url: string, key: string): Promise<"accepted" | "refused" | "none"> {
  const get = async (path: string, headers: Record<string, string>) => {
    const response = await fetch(url + path, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    return { status: response.status, text: await response.text() };
  };
  try {
    const health = await get("/healthz", {});
    if (health.status !== 200 || !health.text.includes('"ok"')) return "none";
    for (const until = Date.now() + startingWaitMs; ; ) {
      const { status } = await get("/v1/merchants?limit=1", { authorization: `Bearer ${key}` });
      if (status === 200) return "accepted";
      if (status === 401) return "refused";
      if (status !== 503 || Date.now() > until) return "none";
      await pause(startingPauseMs);
    }
  } catch {
    return "none";
  }
}

function clientAt(url: string, key: string, startedHere: boolean, stop: () => Promise<void>): ApiClient {
  // A reconciliation pass may take longer than undici's default time-outs.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return {
    url,
    startedHere,
    async send({ method, path, query = {}, headers = {}, body, file, signal }) {
      const target = new URL(url + path);
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined) target.searchParams.set(name, value);
      }
      const response = await fetch(target, {
        method,
        dispatcher: agent,
        ...(signal && { signal }),
        headers: {
          ...headers,
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(file && { "content-type": file.type, "content-length": String(file.bytes) }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(file && { body: file.stream, duplex: "half" as const }),
      });
      return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
    },
    async close() {
      await agent.close();
      await stop();
    },
  };
}
