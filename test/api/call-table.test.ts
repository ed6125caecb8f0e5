import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { roles, scopes } from "../../src/api/caller.ts";
import { routes } from "../../src/api/routes.ts";
import { root } from "../architecture/sources.ts";
import { startApi, type TestApi } from "./harness.ts";

/** The table in the documents: what each call answers to each kind of key. */
const page = readFileSync(path.join(root, "docs/api.md"), "utf8");
const lines = /<!-- generated: who may call -->\n\n([\s\S]*?)\n\n<!-- \/generated -->/.exec(page)![1]!.split("\n");
const [head, , ...rows] = lines.map(line =>
  line
    .split("|")
    .slice(1, -1)
    .map(cell => cell.trim().replaceAll("`", "")),
);
const kinds = head!.slice(1);

let api: TestApi;
const keys: Record<string, string> = {};
beforeAll(async () => {
  api = await startApi();
  const { id } = await api.newMerchant();
  for (const scope of scopes) {
    const body = { name: scope, scopes: [scope] };
    keys[scope] = (await api.call("POST", `/v1/merchants/${id}/api-keys`, { body })).json.key;
  }
  for (const role of roles) {
    keys[`operator ${role}`] = (await api.call("POST", "/v1/operators", { body: { name: role, role } })).json.key;
  }
});
afterAll(() => api?.close());

it("the documents' table has every call, and every scope and role", () => {
  expect(rows.map(([call]) => call)).toEqual(routes.map(route => `${route.method} ${route.path}`));
  expect(kinds).toEqual(Object.keys(keys));
});

it("every call answers every kind of key as the documents' table says", async () => {
  const answered = [];
  for (const [call] of rows) {
    const [method, at] = call!.split(" ") as [string, string];
    const target = at.replace(/\{\w+\}/g, "nothing");
    const statuses = [];
    for (const kind of kinds) statuses.push((await api.call(method, target, { key: keys[kind]! })).status);
    expect(statuses, call).not.toContain(401);
    answered.push([call, ...statuses.map(status => (status === 403 ? "403" : "yes"))]);
    expect((await api.call(method, target, { key: null })).status, call).toBe(401);
    expect((await api.call(method, target)).status, call).not.toBe(403);
  }
  expect(answered).toEqual(rows);
});
