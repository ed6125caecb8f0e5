import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import type { Config } from "../app/config.ts";
import { startHakika } from "../main.ts";
import { configuration } from "./configuration.ts";
import { quietLog } from "./quiet-log.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";
export type ClientRequest = {
  method: Method;
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
};
export type ClientResponse = { status: number; headers: Headers; bytes: Buffer };

/** The management API, wherever it is served. */
export type ApiClient = {
  /** Base address without a slash at its end. */
  url: string;
  /** Whether this process serves it for as long as the command takes. */
  own: boolean;
  send(request: ClientRequest): Promise<ClientResponse>;
  close(): Promise<void>;
};

type Headers = { get(name: string): string | null };

const probeTimeoutMs = 2_000;
const databaseWaitMs = 20_000;
const startingWaitMs = 10_000;
const startingPauseMs = 250;

/**
 * The API of the server that runs with this configuration; where none does, one started in this process on a free loopback port
 * (`alone` says with what). Both are spoken to in the same way.
 */
export async function connectApi(
  alone: (config: Config) => Partial<Config> | Promise<Partial<Config>> = receiverOnly,
  config: Config = configuration(),
): Promise<ApiClient> {
  const key = config.adminKey ?? keptAdminKey(config.dataDir);
  if (key !== null) {
    for (const url of addressesOf(config)) {
      const found = await probe(url, key);
      if (found === "taken") return apiAt(url, key, false, async () => {});
      if (found === "refused") {
        process.stderr.write(`hakika: the server at ${url} has another admin key; working on the database itself\n`);
      }
    }
  }
  // A key of its own for the moment: the first `start` is to make the lasting one, and to show it.
  const adminKey = key ?? randomBytes(32).toString("base64url");
  const running = await startHere({ ...config, adminKey, host: "127.0.0.1", port: 0, ...(await alone(config)) });
  return apiAt(running.url, adminKey, true, running.stop);
}

/** Commands that read and change work beside whatever workers there are; they do no work of theirs. */
function receiverOnly(): Partial<Config> {
  return { roles: new Set(["receiver"]), reconcileCron: null };
}

async function startHere(config: Config) {
  const patience = AbortSignal.timeout(databaseWaitMs);
  try {
    return await startHakika(config, { log: quietLog(), signal: patience });
  } catch (error) {
    if (!patience.aborted) throw error;
    throw new Error(
      `the database did not answer within ${databaseWaitMs / 1000} s: is DATABASE_URL right, and its server running? (hakika doctor says more)`,
    );
  }
}

function keptAdminKey(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, "admin.key"), "utf8").trim();
  } catch {
    return null;
  }
}

function addressesOf({ host, port, publicUrl, publicUrlIsDefault }: Config): string[] {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const local = `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
  return [...(port === 0 ? [] : [local]), ...(publicUrlIsDefault ? [] : [publicUrl])];
}

/** Nobody gets the key who does not answer `/healthz` as Hakika does. */
async function probe(url: string, key: string): Promise<"taken" | "refused" | "none"> {
  const ask = async (path: string, headers: Record<string, string>) => {
    const answer = await fetch(url + path, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    return { status: answer.status, text: await answer.text() };
  };
  try {
    const health = await ask("/healthz", {});
    if (health.status !== 200 || !health.text.includes('"ok"')) return "none";
    for (const until = Date.now() + startingWaitMs; ; ) {
      const { status } = await ask("/v1/merchants?limit=1", { authorization: `Bearer ${key}` });
      if (status === 200) return "taken";
      if (status === 401) return "refused";
      if (status !== 503 || Date.now() > until) return "none";
      await new Promise(resolve => setTimeout(resolve, startingPauseMs));
    }
  } catch {
    return "none";
  }
}

function apiAt(url: string, key: string, own: boolean, stop: () => Promise<void>): ApiClient {
  // A pass of reconciling may take longer than any usual time-out.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return {
    url,
    own,
    async send({ method, path, query = {}, body }) {
      const asked = new URL(url + path);
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined) asked.searchParams.set(name, value);
      }
      const answer = await fetch(asked, {
        method,
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
    },
    async close() {
      await agent.close();
      await stop();
    },
  };
}
