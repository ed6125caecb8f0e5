import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import path from "node:path";
import type { Logger } from "pino";
import { inject } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import type { Sql } from "../../src/database/connect.ts";
import { startHakika } from "../../src/main.ts";
import { testDatabase } from "./database.ts";
import { silentLog } from "./silent-log.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers.
export type Answered = { status: number; json: any; text: string };

export type Program = {
  url: string;
  adminKey: string;
  /** The value of `HAKIKA_SECRET_KEY`. */
  secretKey: string;
  sql: Sql;
  /** A call of the API, with the admin key unless `key` is given. */
  call(method: string, path: string, body?: unknown, key?: string): Promise<Answered>;
  newMerchant(name: string): Promise<{ id: string; key: string }>;
  stop(): Promise<void>;
};

/** The whole program in this process, on a database and a data folder of its own. */
export async function runProgram(log: Logger = silentLog, environment: Record<string, string> = {}): Promise<Program> {
  const database = await testDatabase();
  const adminKey = `hka_${randomBytes(24).toString("hex")}`;
  const secretKey = randomBytes(32).toString("base64");
  const loaded = loadConfig({
    DATABASE_URL: database.url,
    HAKIKA_ADMIN_KEY: adminKey,
    HAKIKA_SECRET_KEY: secretKey,
    HAKIKA_DATA_DIR: mkdtempSync(path.join(inject("runFolder"), "program-")),
    HAKIKA_EGRESS_ALLOW: "127.0.0.0/8",
    HAKIKA_RECONCILE_CRON: "off",
    PORT: "0",
    ...environment,
  });
  if (!loaded.ok) throw new Error(loaded.problems.join("; "));
  const running = await startHakika(loaded.config, { log, signal: new AbortController().signal });

  async function call(method: string, at: string, body?: unknown, key = adminKey): Promise<Answered> {
    const response = await fetch(running.url + at, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, json: isJson && text !== "" ? JSON.parse(text) : null, text };
  }

  return {
    url: running.url,
    adminKey,
    secretKey,
    sql: database.sql,
    call,
    async newMerchant(name) {
      const { id } = (await call("POST", "/v1/merchants", { name })).json;
      const { key } = (await call("POST", `/v1/merchants/${id}/api-keys`, { name: "main" })).json;
      return { id, key };
    },
    async stop() {
      await running.stop();
      await database.drop();
    },
  };
}
