import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { mountFallbacks } from "../../src/api/fallback-responses.ts";
import { startingApp } from "../../src/app/starting-app.ts";
import { silentLog } from "../support/silent-log.ts";
import type { Json } from "./harness.ts";

function program() {
  const app = new Hono();
  app.get("/here", () => {
    throw Object.assign(new Error("secret-value"), { code: "ECONNREFUSED" });
  });
  app.get("/there", () => {
    throw new Error("secret-value");
  });
  mountFallbacks(app, silentLog);
  return app;
}

test("a path that no route serves gets a problem response", async () => {
  for (const [method, path] of [
    ["GET", "/nope"],
    ["POST", "/V1/merchants"],
    ["GET", "/docs/"],
  ] as const) {
    const response = await program().request(path, { method });
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    const { detail, request_id, ...rest }: Json = await response.json();
    expect(rest).toEqual({ type: "about:blank", title: "Not Found", status: 404 });
    expect(detail).toContain("/docs");
    expect(request_id).toBe(response.headers.get("x-request-id"));
  }
});

test("an exception gets a problem response without its message", async () => {
  for (const [path, status] of [
    ["/here", 503],
    ["/there", 500],
  ] as const) {
    const response = await program().request(path);
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
    expect(text).not.toContain("secret-value");
    expect(JSON.parse(text).request_id).toBe(response.headers.get("x-request-id"));
  }
});

test("a refusal of one of Hono's guards is passed on unchanged", async () => {
  const app = new Hono().get("/here", () => {
    throw new HTTPException(403, { message: "not from there" });
  });
  mountFallbacks(app, silentLog);
  const response = await app.request("/here");
  expect([response.status, await response.text()]).toEqual([403, "not from there"]);
});

test("a starting program responds with a problem and retry-after", async () => {
  const response = await startingApp(new Registry()).request("/v1/merchants", { headers: { "x-request-id": "mine" } });
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem: Json = await response.json();
  expect(problem.request_id).toBe("mine");
});
