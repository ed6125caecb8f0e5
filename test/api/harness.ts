import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { Logger } from "pino";
import { expect } from "vitest";
import type { z } from "zod";
import { createApi } from "../../src/api/api.ts";
import { makeKeyCache } from "../../src/api/auth/key-cache.ts";
import { createKeyUse } from "../../src/api/auth/key-use.ts";
import { recordKeyUse } from "../../src/api/auth/store.ts";
import type { ApiDeps } from "../../src/api/deps.ts";
import { createReaders } from "../../src/api/events/readers.ts";
import { problemSchema } from "../../src/api/openapi/problem-schema.ts";
import { routes } from "../../src/api/routes.ts";
import { createTokenBuckets } from "../../src/batch/token-bucket.ts";
import { createDirectory } from "../../src/connections/directory.ts";
import { connectDrizzle } from "../../src/database/connect.ts";
import { makeSecretBox } from "../../src/database/encryption.ts";
import type { Notice } from "../../src/database/notices.ts";
import { parseRange } from "../../src/egress/address.ts";
import type { EgressResult } from "../../src/egress/exchange.ts";
import { providers } from "../../src/providers/registry.ts";
import { createAccessTokens } from "../../src/reconcile/calls/access-tokens.ts";
import { createSettler } from "../../src/settle/settler.ts";
import { testDatabase } from "../support/database.ts";
import { settleDeps } from "../support/settling.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";

export const adminKey = "hka_test-admin-key-of-forty-characters-000";

/** JSON of a response, untyped: `call` checks it against its schema. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Json = any;
export type Called = { status: number; headers: Headers; json: Json; text: string; bytes: Uint8Array };
export type CallOptions = { key?: string | null; body?: unknown; headers?: Record<string, string> };

/** The shards and endpoints (UUIDs) that calls woke. */
export type Woken = { inbox: number[]; deliver: string[] };

export type TestApi = Awaited<ReturnType<typeof startApi>>;

/**
 * The management API on a real server and a real database, over the real rooms; only providers are faked, by `network`.
 * Every response of a documented call is checked against its documented schema: an undocumented field fails the test.
 */
export async function startApi(overrides: Partial<ApiDeps> & { log?: Logger } = {}) {
  const database = await testDatabase();
  const db = connectDrizzle<Record<string, never>>(database.url, {});
  const { sql } = database;
  const box = makeSecretBox([{ id: "1", key: Buffer.alloc(32, 7) }]);
  const changes: Notice[] = [];
  const woken: Woken = { inbox: [], deliver: [] };
  const network = { answer: (_path: string): EgressResult => answer(404) };
  const directory = createDirectory({ sql, box });
  const settler = createSettler({ ...settleDeps(sql), onSettled: () => {} });
  const deps: ApiDeps = {
    db,
    sql,
    box,
    phones: settleDeps(sql).phones,
    adminKey,
    publicUrl: "https://pay.example.com",
    egressAllow: [parseRange("127.0.0.0/8")!],
    timeZone: "Africa/Nairobi",
    sendsEmail: true,
    providers,
    directory,
    settler,
    reconcile: {
      sql,
      box,
      egress: { send: async ({ url }) => network.answer(new URL(url).pathname) },
      providers,
      directory,
      settler,
      telemetry: silentTelemetry,
      publicUrl: () => "https://pay.example.com",
      log: silentLog,
      tokens: createAccessTokens({ sql, box, log: silentLog }),
    },
    keys: makeKeyCache(),
    keyUse: createKeyUse({ write: (shard, keys) => recordKeyUse(sql, shard, keys), now: () => new Date() }),
    rate: createTokenBuckets({ perS: 100_000, burst: 100_000, keysMax: 1_000, nowMs: () => performance.now() }),
    limits: { endpoints: 50, connections: 100, keys: 50 },
    auditKey: Buffer.alloc(32, 9),
    addressOf: () => "192.0.2.1",
    log: silentLog,
    telemetry: silentTelemetry,
    now: () => new Date(),
    changed: async notice => {
      changes.push(notice);
      if (notice.connectionId) directory.forget(notice.connectionId);
    },
    wakeInbox: shard => void woken.inbox.push(shard),
    wakeDeliver: (_shard, endpointIds) => void woken.deliver.push(...endpointIds),
    wakeStatements: () => {},
    stopping: new AbortController().signal,
    closing: new AbortController().signal,
    readers: createReaders(),
    ...overrides,
  };
  const app = new Hono().route("/", createApi(deps));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise(resolve => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Called> {
    const { key = adminKey, body, headers = {} } = options;
    const raw = typeof body === "string" || body instanceof Uint8Array;
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: (raw ? body : JSON.stringify(body)) as string }),
    });
    // A stream of events has no end: its first words are enough.
    const isStream = response.headers.get("content-type") === "text/event-stream";
    const bytes = isStream ? await firstBytes(response) : new Uint8Array(await response.arrayBuffer());
    const text = Buffer.from(bytes).toString("utf8");
    const type = response.headers.get("content-type") ?? "";
    // A callback's own bytes may call themselves JSON.
    const isJson = text !== "" && (path.endsWith("/body") ? type.includes("problem") : type.includes("json"));
    const called = {
      status: response.status,
      headers: response.headers,
      json: isJson ? JSON.parse(text) : null,
      text,
      bytes,
    };
    hold(method, path, called);
    return called;
  }

  return {
    url,
    call,
    db,
    sql,
    deps,
    changes,
    woken,
    network,
    async newMerchant(name = "Duka") {
      const merchant = (await call("POST", "/v1/merchants", { body: { name } })).json;
      const { key, id } = (await call("POST", `/v1/merchants/${merchant.id}/api-keys`, { body: { name: "main" } }))
        .json;
      return { id: merchant.id as string, key: key as string, keyId: id as string };
    },
    async close() {
      await new Promise(resolve => server.close(resolve));
      await deps.keyUse.stop();
      await db.$client.end({ timeout: 5 });
      await database.drop();
    },
  };
}

async function firstBytes(response: Response): Promise<Uint8Array> {
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return value ?? new Uint8Array();
}

/** A provider that does not answer. */
export const timeout: EgressResult = { kind: "timeout", phase: "headers", status: null, latencyMs: 10_000 };

/** A provider's answer. */
export function answer(status: number, body: unknown = {}, headers: Record<string, string> = {}): EgressResult {
  return {
    kind: "answer",
    status,
    headers,
    body: Buffer.from(JSON.stringify(body)),
    truncated: false,
    latencyMs: 1,
  };
}

/** The documented call a path belongs to. */
export function routeOf(method: string, path: string) {
  const bare = path.split("?")[0]!;
  return routes.find(
    route => route.method === method && new RegExp(`^${route.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(bare),
  );
}

function hold(method: string, path: string, { status, headers, json }: Called) {
  const where = `${method} ${path} -> ${status}`;
  if (path.startsWith("/v1")) expect(headers.get("x-request-id"), where).toMatch(/^[\w-]+$/);
  if (status >= 400) {
    expect(headers.get("content-type"), where).toBe("application/problem+json");
    const { type, title, detail, request_id, errors, ...rest } = json;
    if (type === "about:blank") expect(rest, where).toEqual({ status });
    expect(type, where).toMatch(/^(about:blank|[a-z]+(-[a-z]+)+)$/);
    // Zod drops what a schema does not name.
    expect(problemSchema.safeParse(json).data, where).toEqual(json);
    expect(
      [title, detail].every(text => typeof text === "string" && text.length > 3),
      where,
    ).toBe(true);
    expect(request_id, where).toBe(headers.get("x-request-id"));
    expect(status === 422, where).toBe(Array.isArray(errors));
    return;
  }
  const route = routeOf(method, path);
  if (!route) return;
  const success = route.responses[status as 200];
  expect(success, `${where} is documented`).toBeDefined();
  if (success!.schema === null || typeof success!.schema === "string") return;
  const parsed = (success!.schema as z.ZodType).safeParse(json);
  expect(parsed.error?.issues ?? [], where).toEqual([]);
  // Zod drops what a schema does not name.
  expect(parsed.data, where).toEqual(json);
}
