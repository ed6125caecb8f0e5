import { request } from "node:http";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, type TestApi } from "./harness.ts";

let api: TestApi;
const lines: string[] = [];
beforeAll(async () => {
  api = await startApi({ log: pino({ level: "trace" }, { write: line => void lines.push(line) }) });
});
afterAll(() => api.close());

const post = (body: unknown, headers: Record<string, string> = {}) =>
  api.call("POST", "/v1/merchants", { body, headers });

describe("a path", () => {
  it("that does not exist is a 404 that points to /docs", async () => {
    for (const path of ["/v1", "/v1/", "/v1/nothing", "/v1/merchants/", "/v1/merchants/mer_1/none", "/v1/../v1/x"]) {
      const { status, json } = await api.call("GET", path);
      expect([status, json.detail.includes("/docs")], path).toEqual([404, true]);
    }
  });

  it("with an invalid id is a 404", async () => {
    for (const id of [
      "x",
      "con_0199f3b0c4d17a3e8f0a1b2c3d4e5f60",
      `mer_${"0".repeat(32)}`,
      "mer_0199F3B0C4D17A3E8F0A1B2C3D4E5F60",
      "%00",
    ]) {
      expect((await api.call("GET", `/v1/merchants/${id}`)).status, id).toBe(404);
    }
  });

  it("requested with another method is a 405 that lists its methods", async () => {
    const cases = [
      ["PUT", "/v1/merchants", "POST, GET"],
      ["DELETE", "/v1/merchants", "POST, GET"],
      ["POST", "/v1/events", "GET"],
      ["GET", "/v1/replays", "POST"],
      ["OPTIONS", "/v1/audit", "GET"],
      ["PUT", "/v1/connections/con_0199f3b0c4d17a3e8f0a1b2c3d4e5f60", "GET, PATCH, DELETE"],
    ] as const;
    for (const [method, path, allow] of cases) {
      const called = await api.call(method, path, method === "PUT" ? { body: {} } : {});
      expect([called.status, called.headers.get("allow")], `${method} ${path}`).toEqual([405, allow]);
    }
  });

  it("responds to HEAD as to GET, without a body", async () => {
    const { status, text } = await api.call("HEAD", "/v1/merchants");
    expect([status, text]).toEqual([200, ""]);
  });
});

describe("a body", () => {
  it("that is not a JSON object is a 400 that does not repeat it", async () => {
    for (const body of ["{", '{"name":"secret-value",}', "[]", '"x"', "1", "null", ""]) {
      const { status, text } = await post(body);
      expect([status, text.includes("secret-value")], body).toEqual([400, false]);
    }
    expect((await post(Buffer.from([0x7b, 0xff, 0x7d]))).status).toBe(400);
  });

  it("that is not declared as JSON is a 415", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""]) {
      expect((await post('{"name":"x"}', { "content-type": type })).status, type).toBe(415);
    }
    for (const type of ["application/json; charset=utf-8", "application/merge-patch+json", "Application/JSON"]) {
      expect((await post('{"name":"x"}', { "content-type": type })).status, type).toBe(201);
    }
  });

  it("over 1 MiB is a 413, whether declared or streamed", async () => {
    const name = "x".repeat(1024 * 1024);
    expect((await post({ name })).status).toBe(413);
    expect(await streamed(api.url, 300, 4096)).toBe(413);
  });

  it("of exactly 1 MiB is read", async () => {
    const frame = JSON.stringify({ name: "" }).length;
    const { status, json } = await post({ name: "x".repeat(1024 * 1024 - frame) });
    expect([status, json.errors]).toEqual([422, [{ path: "name", message: "must be at most 200 characters" }]]);
  });

  it("may have null for absent fields in a POST", async () => {
    const nothing = {
      event_types: null,
      description: null,
      retry_schedule_s: null,
      rate_limit_per_s: null,
      headers: null,
    };
    const { id } = await api.newMerchant();
    const endpoint = await api.call("POST", "/v1/endpoints", {
      body: { merchant_id: id, url: "https://a.example", ...nothing },
    });
    expect([endpoint.status, endpoint.json.event_types]).toEqual([201, ["*"]]);
    const required = await post({ name: null });
    expect([required.status, required.json.errors]).toEqual([422, [{ path: "name", message: "is required" }]]);
    const within = await api.call("POST", "/v1/endpoints", {
      body: { merchant_id: id, url: "https://a.example", headers: { a: null } },
    });
    expect([within.status, within.json.errors[0].path]).toEqual([422, "headers.a"]);
  });

  it("with missing or empty fields is refused with a plain message", async () => {
    const missing = await api.call("POST", "/v1/connections", { body: {} });
    expect(missing.json.errors).toEqual([
      { path: "provider", message: "is required" },
      { path: "environment", message: "is required: one of sandbox, production" },
    ]);
    for (const body of [{ name: "" }, { name: "  " }]) {
      expect((await post(body)).json.errors).toEqual([{ path: "name", message: "must not be empty" }]);
    }
  });

  it("is checked field by field, and every unknown field is named", async () => {
    const { status, json } = await post({ nmae: "x", colour: 1 });
    expect(status).toBe(422);
    expect(json.errors).toEqual([
      { path: "name", message: "is required" },
      { path: "nmae", message: expect.stringContaining("not a field") },
      { path: "colour", message: expect.stringContaining("not a field") },
    ]);
    expect(json.detail).toContain("name: is required");
  });

  it("that the database cannot store is refused by its path", async () => {
    const cases = [
      ['{"name":"a\\u0000b"}', "name"],
      ['{"name":"\\ud800"}', "name"],
      ['{"name":"x","__proto__":{}}', "__proto__"],
      [`{"name":${"[".repeat(60)}${"]".repeat(60)}}`, expect.stringMatching(/^name\.0/)],
    ] as const;
    for (const [body, path] of cases) {
      const { status, json } = await post(body);
      expect([status, json.errors[0].path], body).toEqual([422, path]);
    }
  });

  it("nested half a million deep is refused", async () => {
    const { status } = await post(`{"name":${"[".repeat(400_000)}${"]".repeat(400_000)}}`);
    expect(status).toBe(422);
  });

  it("is refused by a call that takes none, unless it is empty", async () => {
    const merchant = await api.newMerchant();
    const { json } = await api.call("POST", "/v1/endpoints", { key: merchant.key, body: { url: "https://a.example" } });
    const path = `/v1/endpoints/${json.id}/test`;
    expect((await api.call("POST", path, { body: { x: 1 } })).status).toBe(422);
    expect((await api.call("POST", path, { body: {} })).status).toBe(202);
    expect((await api.call("POST", path)).status).toBe(202);
  });
});

describe("a query", () => {
  it("is checked like a body", async () => {
    const cases = [
      ["limit=0", "limit"],
      ["limit=201", "limit"],
      ["limit=x", "limit"],
      ["limit=1.5", "limit"],
      ["cursor=nonsense", "cursor"],
      ["merchant_id=con_1", "merchant_id"],
      ["colour=red", "colour"],
      ["limit=5&limit=6", "limit"],
    ] as const;
    for (const [query, path] of cases) {
      const { status, json } = await api.call("GET", `/v1/connections?${query}`);
      expect([status, json.errors?.[0].path], query).toEqual([422, path]);
    }
  });
});

describe("a response", () => {
  it("carries the caller's request id where it is plain text", async () => {
    const own = await api.call("GET", "/v1/merchants", { headers: { "x-request-id": "order-17_a" } });
    expect(own.headers.get("x-request-id")).toBe("order-17_a");
    const odd = await api.call("GET", "/v1/nothing", { headers: { "x-request-id": "a b;c" } });
    expect(odd.json.request_id).toMatch(/^req_[0-9a-f]{24}$/);
  });

  it("forbids caching and sniffing", async () => {
    const { headers } = await api.call("GET", "/v1/merchants");
    expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
  });

  it("is logged in one line, by the pattern of its path", async () => {
    const merchant = await api.newMerchant();
    lines.length = 0;
    const { headers } = await api.call("GET", `/v1/merchants/${merchant.id}`, { key: merchant.key });
    expect(lines.map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({
        request_id: headers.get("x-request-id"),
        method: "GET",
        path: "/v1/merchants/{id}",
        status: 200,
        actor: merchant.keyId,
      }),
    ]);
  });
});

describe("a failure", () => {
  it("of the program is a 500 that points to the log", async () => {
    const { changed } = api.deps;
    const merchant = await api.newMerchant();
    api.deps.changed = async () => {
      throw new Error("Failed query: select 1 params: +254700000001", { cause: new Error("column does not exist") });
    };
    lines.length = 0;
    const called = await api.call("POST", "/v1/endpoints", { key: merchant.key, body: { url: "https://a.example" } });
    api.deps.changed = changed;
    expect([called.status, called.text.includes("column")]).toEqual([500, false]);
    const logged = lines.join("");
    expect(logged).toContain("column does not exist");
    expect(logged).not.toContain("254700000001");
  });

  it("of the database is a 503 with retry-after", async () => {
    const away = await startApi();
    await away.db.$client.end({ timeout: 1 });
    const { status, headers } = await away.call("GET", "/v1/merchants");
    expect([status, Number(headers.get("retry-after")) > 0]).toEqual([503, true]);
    await away.close();
  });
});

/** Posts a body of `chunks` pieces without saying how long it will be. */
async function streamed(url: string, chunks: number, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const req = request(
      `${url}/v1/merchants`,
      {
        method: "POST",
        headers: {
          authorization: "Bearer hka_test-admin-key-of-forty-characters-000",
          "content-type": "application/json",
          "transfer-encoding": "chunked",
        },
      },
      response => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    // The server may hang up while we still write.
    req.on("error", error => ((error as { code?: string }).code === "EPIPE" ? undefined : reject(error)));
    for (let i = 0; i < chunks; i += 1) req.write(Buffer.alloc(bytes, 0x20));
    req.end();
  });
}
