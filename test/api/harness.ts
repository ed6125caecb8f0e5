import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { Logger } from "pino";
import { expect } from "vitest";
import type { z } from "zod";
import { createApi } from "../../src/api/api.ts";
import { makeKeyCache } from "../../src/api/auth/key-cache.ts";
import type { ApiDeps } from "../../src/api/deps.ts";
import type { Changed } from "../../src/api/ports.ts";
import { routes } from "../../src/api/routes.ts";
import { connectDrizzle } from "../../src/database/connect.ts";
import { makeSecretBox } from "../../src/database/encryption.ts";
import { parseRange } from "../../src/egress/address.ts";
import { providers } from "../../src/providers/registry.ts";
import { testDatabase } from "../support/database.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { fakePorts } from "./fake-ports.ts";

export const adminKey = "hka_test-admin-key-of-forty-characters-000";

/** JSON of an answer, read loosely: tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: an answer's shape is checked against its schema in `call`.
export type Json = any;
export type Called = { status: number; headers: Headers; json: Json; text: string; bytes: Uint8Array };
export type CallOptions = { key?: string | null; body?: unknown; headers?: Record<string, string> };

export type TestApi = Awaited<ReturnType<typeof startApi>>;

/**
 * The management API on a real server and a real database, with other rooms faked. Every answer of a documented call is held
 * against its documented schema: a field the documents do not know fails the test.
 */
export async function startApi(overrides: Partial<ApiDeps> & { log?: Logger } = {}) {
  const database = await testDatabase();
  const db = connectDrizzle<Record<string, never>>(database.url, {});
  const changes: Changed[] = [];
  const ports = fakePorts(database.sql);
  const deps: ApiDeps = {
    db,
    box: makeSecretBox([{ id: "1", key: Buffer.alloc(32, 7) }]),
    adminKey,
    publicUrl: "https://pay.example.com",
    egressAllow: [parseRange("127.0.0.0/8")!],
    providers,
    keys: makeKeyCache(),
    log: silentLog,
    telemetry: silentTelemetry,
    now: () => new Date(),
    ...ports,
    changed: async what => {
      changes.push(what);
    },
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
    const bytes = new Uint8Array(await response.arrayBuffer());
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
    sql: database.sql,
    deps,
    changes,
    ports,
    async newMerchant(name = "Duka") {
      const merchant = (await call("POST", "/v1/merchants", { body: { name } })).json;
      const { key, id } = (await call("POST", `/v1/merchants/${merchant.id}/api-keys`, { body: { name: "main" } }))
        .json;
      return { id: merchant.id as string, key: key as string, keyId: id as string };
    },
    async close() {
      await new Promise(resolve => server.close(resolve));
      await db.$client.end({ timeout: 5 });
      await database.drop();
    },
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
    expect({ ...rest, type }, where).toEqual({ status, type: "about:blank" });
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
  const success = route.answers[status as 200];
  expect(success, `${where} is documented`).toBeDefined();
  if (success!.schema === null || success!.schema === "bytes") return;
  const parsed = (success!.schema as z.ZodType).safeParse(json);
  expect(parsed.error?.issues ?? [], where).toEqual([]);
  // Zod drops what a schema does not name.
  expect(parsed.data, where).toEqual(json);
}
