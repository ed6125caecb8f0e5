import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventTypes } from "../../src/api/endpoints/event-types.ts";
import { routes } from "../../src/api/routes.ts";
import { adminKey, type Json, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
let document: Json;
beforeAll(async () => {
  api = await startApi();
  document = (await api.call("GET", "/openapi.json", { key: null })).json;
});
afterAll(() => api.close());

const operations = () =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe("the document", () => {
  it("is OpenAPI 3.1, needs no key, and names this server", async () => {
    expect([document.openapi, document.servers]).toEqual(["3.1.0", [{ url: "https://pay.example.com" }]]);
    expect((await api.call("POST", "/openapi.json", { key: null })).status).toBe(405);
  });

  it("has every route, and no other", () => {
    const described = operations()
      .filter(({ path }) => !path.startsWith("/in/"))
      .map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    const served = routes.map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual([...served, "GET /healthz", "GET /readyz", "GET /metrics"].sort());
  });

  it("has every call of the contract", () => {
    const contract = `POST /v1/merchants, GET /v1/merchants, GET /v1/merchants/{id}, POST /v1/merchants/{id}/api-keys,
      GET /v1/merchants/{id}/api-keys, DELETE /v1/merchants/{id}/api-keys/{key_id}, POST /v1/connections, GET /v1/connections,
      GET /v1/connections/{id}, PATCH /v1/connections/{id}, DELETE /v1/connections/{id}, POST /v1/connections/{id}/rotate-token,
      POST /v1/connections/{id}/rotate-forward-secret, POST /v1/connections/{id}/register, POST /v1/endpoints, GET /v1/endpoints,
      GET /v1/endpoints/{id}, PATCH /v1/endpoints/{id}, DELETE /v1/endpoints/{id}, POST /v1/endpoints/{id}/rotate-secret,
      POST /v1/endpoints/{id}/test, POST /v1/endpoints/{id}/recover, POST /v1/transactions, GET /v1/transactions,
      GET /v1/transactions/{id}, POST /v1/transactions/{id}/poll, POST /v1/transactions/{id}/resolve, GET /v1/callbacks,
      GET /v1/callbacks/{id}, GET /v1/callbacks/{id}/body, POST /v1/callbacks/{id}/reprocess, GET /v1/events,
      GET /v1/events/{id}, GET /v1/deliveries, GET /v1/deliveries/{id}, POST /v1/deliveries/{id}/retry, POST /v1/replays,
      POST /v1/reconcile, GET /v1/ussd-sessions, GET /v1/ussd-sessions/{id}, GET /v1/audit, PATCH /v1/merchants/{id},
      POST /v1/operators, GET /v1/operators, GET /v1/approvals, GET /v1/approvals/{id},
      POST /v1/approvals/{id}/approve, GET /v1/alerts, GET /v1/alerts/{id}, POST /v1/alerts/{id}/acknowledge,
      POST /v1/alert-channels, GET /v1/alert-channels, GET /v1/alert-channels/{id}, DELETE /v1/alert-channels/{id},
      POST /v1/alert-channels/{id}/test, GET /v1/search, POST /v1/approvals/{id}/reject, DELETE /v1/operators/{id},
      POST /v1/statements, GET /v1/statements, GET /v1/statements/{id}, GET /v1/statements/{id}/lines,
      GET /v1/statements/{id}/lines.csv, GET /v1/totals, GET /v1/transactions.csv, POST /v1/lookups, GET /v1/lookups/{id},
      GET /v1/connections/{id}/health, GET /v1/events/stream, GET /v1/providers, POST /v1/connections/{id}/token,
      POST /v1/connections/{id}/balance,
      POST /v1/payments, POST /v1/payouts, POST /v1/airtime, POST /v1/bills, POST /v1/messages, POST /v1/reversals,
      POST /v1/privacy/export, POST /v1/privacy/erase`;
    const named = contract.split(",").map(each => each.trim().replace(/\s+/g, " "));
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(named.sort());
  });

  it("gives each operation a unique name, a summary, a description and a described tag", () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const tags = new Map(document.tags.map((tag: Json) => [tag.name, tag.description]));
    for (const { operation } of operations()) {
      for (const text of [operation.summary, operation.description, tags.get(operation.tags[0])]) {
        expect((text as string).length, operation.operationId).toBeGreaterThan(5);
      }
    }
  });

  it("shows an example of every response and every event that fits its schema", () => {
    for (const { name, responses } of routes) {
      for (const [status, { schema }] of Object.entries(responses)) {
        if (schema === null || typeof schema === "string") continue;
        const shown = operations().find(({ operation }) => operation.operationId === name)!.operation.responses[status];
        const { example } = shown.content["application/json"];
        expect(schema.safeParse(example).error?.issues ?? [], name).toEqual([]);
        expect(JSON.stringify(example), `${name} is shown with words that mean something`).not.toContain('"text"');
      }
    }
    expect(Object.keys(document.webhooks)).toHaveLength(5);
    const types = Object.values<Json>(document.webhooks).flatMap(({ post }) => {
      const { schema } = post.requestBody.content["application/json"];
      return document.components.schemas[schema.$ref.split("/").at(-1)].properties.type.enum;
    });
    expect(types.sort()).toEqual([...eventTypes].sort());
  });

  it("describes every refusal, and has retry-after for temporary ones", () => {
    for (const { operation } of operations()) {
      for (const [status, answer] of Object.entries<Json>(operation.responses)) {
        if (Number(status) < 400 || ["Process", "Providers"].includes(operation.tags[0])) continue;
        const { description, content, headers } = resolved(answer);
        expect(description.length, operation.operationId).toBeGreaterThan(5);
        expect(content["application/problem+json"].example.status).toBe(Number(status));
        if (["429", "503"].includes(status)) expect(headers).toHaveProperty("retry-after");
      }
    }
  });

  it("has only patterns that validators of other languages accept", () => {
    for (const [, pattern] of JSON.stringify(document).matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g)) {
      expect(pattern).not.toMatch(/\\[pP]\{/);
      expect(() => new RegExp(JSON.parse(`"${pattern}"`))).not.toThrow();
    }
  });

  it("refers only to schemas that it defines, and to each of them", () => {
    const references = new Set(
      [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
    );
    expect([...references].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(JSON.stringify(document)).not.toContain("#/$defs/");
  });

  it("declares every parameter of every path", () => {
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? [])
        .filter((each: Json) => each.in === "path")
        .map((each: Json) => each.name);
      expect(declared, path).toEqual(inPath);
    }
  });

  it("allows unknown fields in responses and not in input", () => {
    expect(document.components.schemas.Transaction.additionalProperties).toBeUndefined();
    expect(document.components.schemas.Settings.additionalProperties).toBe(false);
  });

  it("has an example for every required body, which the server accepts", async () => {
    const merchant = await api.newMerchant();
    const connection = (
      await api.call("POST", "/v1/connections", { key: merchant.key, body: example("createConnection") })
    ).json;
    const endpoint = (await api.call("POST", "/v1/endpoints", { key: merchant.key, body: example("createEndpoint") }))
      .json;
    const own: Record<string, string> = { connection: connection.id, endpoint: endpoint.id, merchant: merchant.id };
    for (const route of routes.filter(({ body }) => body !== undefined)) {
      const sent = JSON.parse(
        JSON.stringify(example(route.name))
          .replace(/con_[0-9a-f]{32}/g, connection.id)
          .replace(/end_[0-9a-f]{32}/g, endpoint.id),
      );
      const path = Object.entries(route.ids ?? {}).reduce(
        (at, [name, kind]) => at.replace(`{${name}}`, own[kind] ?? "?"),
        route.path,
      );
      // These need a transaction, or a provider that starts it; their examples are checked by their own schemas.
      const needsMore =
        ["registerTransaction", "createLookup", "handOutToken"].includes(route.name) ||
        route.idempotency === "for good";
      if (path.includes("?") || needsMore) {
        expect(route.body!.safeParse(sent).error, route.name).toBeUndefined();
        continue;
      }
      const key = route.access === "admin" ? adminKey : merchant.key;
      const { status, text } = await api.call(route.method, path, { key, body: sent });
      expect([200, 201, 202], `${route.name}: ${text}`).toContain(status);
    }
  });
});

function resolved(answer: Json): Json {
  return answer.$ref ? document.components.responses[answer.$ref.split("/").at(-1)] : answer;
}

function example(name: string): Json {
  const { operation } = operations().find(each => each.operation.operationId === name)!;
  const { example: given } = operation.requestBody.content["application/json"];
  expect(given, name).toBeDefined();
  return given;
}

describe("the reference page", () => {
  it("shows every call, and has no scripts or external files", async () => {
    const { status, headers, text } = await api.call("GET", "/docs", { key: null });
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    for (const { name, path } of routes) {
      expect(text).toContain(`id="${name}"`);
      expect(text).toContain(path);
    }
    expect(text.replace(/<pre>[\s\S]*?<\/pre>/g, "")).not.toContain("`");
    expect(text).not.toMatch(/<script|<link|<img|@import|url\(|javascript:| on\w+=/i);
    expect(text.match(/(href|src)="(?!#|\/openapi\.json)[^"]*"/g)).toBeNull();
  });

  it("allows its own style by its hash, and nothing else", async () => {
    const { headers, text } = await api.call("GET", "/docs", { key: null });
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = headers.get("content-security-policy")!;
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
  });

  it("links only to its own anchors", async () => {
    const { text } = await api.call("GET", "/docs", { key: null });
    const targets = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, to] of text.matchAll(/href="#([^"]+)"/g)) expect(targets).toContain(to);
  });
});
