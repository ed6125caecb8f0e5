import { createHash } from "node:crypto";
import type { Logger } from "pino";
import { type Config, loadConfig } from "../../src/app/config.ts";
import type { Running } from "../../src/app/running.ts";
import { startHakika } from "../../src/main.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { newDataFolder } from "./data-folder.ts";
import { type EventMerchant, eventMerchant } from "./merchant.ts";
import { silentLog } from "./silent-log.ts";

/** The `HAKIKA_SECRET_KEY` of the programs that this file starts. */
export const testSecretKey = createHash("sha256").update("a key for tests").digest("base64");

export const adminKey = "hka_an-admin-key-for-tests-0000000000000";

/** The environment of a program on a test's database, on a free port, without scheduled passes. */
export function testEnvironment(databaseUrl: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    HAKIKA_DATA_DIR: newDataFolder(),
    HAKIKA_ADMIN_KEY: adminKey,
    HAKIKA_SECRET_KEY: testSecretKey,
    HAKIKA_EGRESS_ALLOW: "127.0.0.0/8",
    HAKIKA_RECONCILE_CRON: "off",
    PORT: "0",
    ...more,
  };
}

export function testConfig(databaseUrl: string, more: Record<string, string> = {}): Config {
  const loaded = loadConfig(testEnvironment(databaseUrl, more));
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded.config;
}

type StartMore = { env?: Record<string, string>; providers?: ReadonlyMap<string, Provider>; log?: Logger };

/** Starts the whole program in this process, on a test's database. */
export async function startTestHakika(databaseUrl: string, more: StartMore = {}): Promise<Running> {
  const { env = {}, log = silentLog, ...options } = more;
  return startHakika(testConfig(databaseUrl, env), { log, signal: new AbortController().signal, ...options });
}

/** JSON of an answer, without a type: tests read any field. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type Json = any;
export type Answer = { status: number; headers: Headers; text: string; json: Json };

/** A request over HTTP. A body that is neither text nor bytes is sent as JSON. */
export async function request(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && !isRaw && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: (isRaw ? body : JSON.stringify(body)) as string }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== "" ? JSON.parse(text) : null,
  };
}

/** A call of the management API with the admin key. Throws where it is refused. */
export async function api(at: { url: string }, method: string, path: string, body?: unknown): Promise<Json> {
  const answer = await request(method, at.url + path, body, { authorization: `Bearer ${adminKey}` });
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

export type Shop = {
  merchantId: string;
  connection: { id: string; callback_urls: Record<string, string>; [more: string]: unknown };
  merchant: EventMerchant;
};

/** A merchant with a connection and a listening endpoint, made through the API. */
export async function openShop(at: { url: string }, connection: Record<string, unknown> = {}): Promise<Shop> {
  const merchant = await eventMerchant();
  const { id: merchant_id } = await api(at, "POST", "/v1/merchants", { name: "Duka" });
  const made = await newConnection(at, merchant_id, connection);
  const { secret } = await api(at, "POST", "/v1/endpoints", { merchant_id, url: merchant.url, environment: "any" });
  merchant.secret = secret;
  return { merchantId: merchant_id, connection: made, merchant };
}

export async function newConnection(
  at: { url: string },
  merchant_id: string,
  more: Record<string, unknown> = {},
): Promise<Shop["connection"]> {
  const body = { merchant_id, provider: "daraja", environment: "sandbox", ...more };
  return api(at, "POST", "/v1/connections", body);
}

/** The kept callbacks of a connection, newest first. */
export async function callbacksOf(at: { url: string }, connectionId: string): Promise<Json[]> {
  return (await api(at, "GET", `/v1/callbacks?connection_id=${connectionId}&limit=200`)).data;
}
