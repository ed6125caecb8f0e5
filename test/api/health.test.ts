import { randomUUID } from "node:crypto";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HealthDeps } from "../../src/api/health/deps.ts";
import { createHealth } from "../../src/api/health/health.ts";
import { processRoutes } from "../../src/api/health/routes.ts";
import { connectDrizzle, type Db } from "../../src/database/connect.ts";
import { pendingMigrations } from "../../src/database/migrate.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;
let db: Db<Record<string, never>>;
const registry = new Registry();
beforeAll(async () => {
  database = await testDatabase();
  db = connectDrizzle<Record<string, never>>(database.url, {});
});
afterAll(async () => {
  await db.$client.end({ timeout: 5 });
  await database.drop();
});
beforeEach(() => database.sql`delete from heartbeats`);

const beat = (processId: string, agoS: number) =>
  database.sql`
    insert into heartbeats (role, process_id, beat_at) values ('worker', ${processId}, now() - make_interval(secs => ${agoS}))`;

async function ask(path: string, overrides: Partial<HealthDeps> = {}, method = "GET") {
  const deps = { db, registry, workerId: null, pendingMigrations: () => pendingMigrations(database.sql), ...overrides };
  const response = await createHealth(deps).request(path, { method });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : null, text };
}

describe("/readyz", () => {
  it("is ready without any worker, and says so", async () => {
    expect(await ask("/readyz")).toMatchObject({
      status: 200,
      json: { status: "ready", checks: { database: "ok", migrations: "ok", worker: "none" } },
    });
  });

  it("recognizes workers of other processes by their heartbeats", async () => {
    await beat(randomUUID(), 1);
    expect((await ask("/readyz")).json.checks.worker).toBe("ok");
    await database.sql`update heartbeats set beat_at = now() - interval '31 seconds'`;
    expect(await ask("/readyz")).toMatchObject({ status: 200, json: { checks: { worker: "none" } } });
  });

  it("is not ready where this process's own worker has no heartbeat, even if others have", async () => {
    const own = randomUUID();
    await beat(randomUUID(), 1);
    const stopped = { status: 503, json: { status: "not ready", checks: { database: "ok", worker: "stopped" } } };
    expect(await ask("/readyz", { workerId: own })).toMatchObject(stopped);
    await beat(own, 40);
    expect(await ask("/readyz", { workerId: own })).toMatchObject(stopped);
    await database.sql`update heartbeats set beat_at = now()`;
    expect(await ask("/readyz", { workerId: own })).toMatchObject({ status: 200 });
  });

  it("is not ready before the migrations, or without the database", async () => {
    expect(await ask("/readyz", { pendingMigrations: async () => true })).toMatchObject({
      status: 503,
      json: { checks: { database: "ok", migrations: "pending", worker: "unknown" } },
    });
    const away = connectDrizzle<Record<string, never>>(database.url, {});
    await away.$client.end({ timeout: 1 });
    const unreachable = { status: 503, json: { checks: { database: "unreachable", migrations: "unknown" } } };
    expect(await ask("/readyz", { db: away })).toMatchObject(unreachable);
    const refusing = () => Promise.reject(new Error("connect ECONNREFUSED"));
    expect(await ask("/readyz", { pendingMigrations: refusing })).toMatchObject(unreachable);
  });
});

describe("every process", () => {
  it("is alive without asking the database", async () => {
    const never = () => new Promise<never>(() => {});
    expect(await ask("/healthz", { pendingMigrations: never })).toMatchObject({ status: 200, json: { status: "ok" } });
  });

  it("serves the metrics of its registry", async () => {
    const { status, headers, text } = await ask("/metrics", {
      registry: { metrics: async () => "hakika_up 1\n", contentType: registry.contentType },
    });
    expect([status, headers.get("content-type"), text]).toEqual([200, registry.contentType, "hakika_up 1\n"]);
  });

  it("serves GET only, and responds as it is documented", async () => {
    for (const { path, responses } of processRoutes) {
      const post = await ask(path, {}, "POST");
      expect([post.status, post.headers.get("allow")]).toEqual([405, "GET"]);
      const { status, json } = await ask(path);
      const schema = responses[status]!.schema;
      if (schema !== "text") expect(schema.parse(json)).toEqual(json);
    }
  });
});
