import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cursorOf, parseCursor } from "../../src/api/lists/cursor.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function walk(path: string, key?: string): Promise<Json[][]> {
  const pages: Json[][] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { status, json } = await api.call("GET", path + query, key ? { key } : {});
    expect(status).toBe(200);
    pages.push(json.data);
    cursor = json.next_cursor;
  }
  return pages;
}

describe("a list", () => {
  it("of a merchant has pages, newest first, with each row once", async () => {
    const merchant = await api.newMerchant();
    const made: string[] = [];
    for (let i = 0; i < 7; i += 1) {
      const { json } = await api.call("POST", "/v1/endpoints", {
        key: merchant.key,
        body: { url: "https://a.example" },
      });
      made.unshift(json.id);
    }
    const pages = await walk("/v1/endpoints?limit=3", merchant.key);
    expect(pages.map(page => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat().map(({ id }) => id)).toEqual(made);
  });

  it("that ends with a full page has no next one", async () => {
    const merchant = await api.newMerchant();
    for (let i = 0; i < 2; i += 1) {
      await api.call("POST", "/v1/endpoints", { key: merchant.key, body: { url: "https://a.example" } });
    }
    const { json } = await api.call("GET", "/v1/endpoints?limit=2", { key: merchant.key });
    expect([json.data.length, json.next_cursor]).toEqual([2, null]);
  });

  it("of the admin covers all shards in one order", async () => {
    const made: string[] = [];
    const shards = new Set<string>();
    for (let i = 0; i < 25; i += 1) {
      const { json } = await api.call("POST", "/v1/merchants", { body: { name: `Merchant ${i}` } });
      made.unshift(json.id);
      shards.add(json.id.slice(20, 22));
    }
    expect(shards.size).toBeGreaterThan(5);
    const all = (await walk("/v1/merchants?limit=4")).flat().map(({ id }) => id);
    expect(all.slice(0, 25)).toEqual(made);
    expect(new Set(all).size).toBe(all.length);
  });

  it("is not disturbed by rows that are added while it is read", async () => {
    const merchant = await api.newMerchant();
    const make = () => api.call("POST", "/v1/endpoints", { key: merchant.key, body: { url: "https://a.example" } });
    const old = [await make(), await make(), await make()].map(({ json }) => json.id).reverse();
    const first = await api.call("GET", "/v1/endpoints?limit=2", { key: merchant.key });
    await make();
    const second = await api.call("GET", `/v1/endpoints?limit=2&cursor=${first.json.next_cursor}`, {
      key: merchant.key,
    });
    expect([...first.json.data, ...second.json.data].map(({ id }: Json) => id)).toEqual(old);
  });

  it("can be narrowed to one merchant by the admin, and shows a key only its own merchant", async () => {
    const [a, b] = [await api.newMerchant("A"), await api.newMerchant("B")];
    for (const { key } of [a, b]) await api.call("POST", "/v1/endpoints", { key, body: { url: "https://a.example" } });
    const of = async (query: string, key?: string) => {
      const { json } = await api.call("GET", `/v1/endpoints?limit=200${query}`, key ? { key } : {});
      return json.data.map(({ merchant_id }: Json) => merchant_id);
    };
    expect(await of(`&merchant_id=${a.id}`)).toEqual([a.id]);
    expect(await of("", b.key)).toEqual([b.id]);
    expect(await of(`&merchant_id=${b.id}`, b.key)).toEqual([b.id]);
    expect((await of("")).filter((id: string) => id === a.id || id === b.id).sort()).toEqual([a.id, b.id].sort());
    const foreign = await api.call("GET", `/v1/endpoints?merchant_id=${a.id}`, { key: b.key });
    expect(foreign.status).toBe(404);
  });

  it("regression: a filter with characters that PostgreSQL refuses is a 422, not a failure", async () => {
    for (const filter of ["transactions?reference=%00", "callbacks?channel=a%00", "audit?subject=%00"]) {
      const { status, json } = await api.call("GET", `/v1/${filter}`);
      expect(status).toBe(422);
      expect(json.errors).toHaveLength(1);
    }
  });
});

describe("a time", () => {
  const asked = async (time: string) =>
    (await api.call("GET", `/v1/transactions?created_after=${encodeURIComponent(time)}`)).status;

  it("is a time of the calendar, with its offset", async () => {
    for (const time of ["2024-02-29T00:00:00Z", "2025-10-18t23:30:26.123456789+03:00", "2025-10-18T23:30:26 03:00"]) {
      expect(await asked(time), time).toBe(200);
    }
    const none = [
      "2025-02-29T00:00:00Z",
      "2025-10-18T24:00:00Z",
      "2025-10-18T20:30:26",
      "2025-10-18",
      "1760819426",
      "",
    ];
    for (const time of none) expect(await asked(time), time).toBe(422);
  });

  it("lies within the years of PostgreSQL, whatever its offset", async () => {
    const none = ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"];
    for (const time of none) expect(await asked(time), time).toBe(422);
    for (const time of ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]) expect(await asked(time), time).toBe(200);
  });
});

describe("a cursor", () => {
  it("parses to the id it was made of, and no other text is a cursor", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 2 ** 47 }), (shard, ms) => {
        const id = newUuid(shard, ms);
        expect(parseCursor(cursorOf(id))).toBe(id);
      }),
    );
    fc.assert(
      fc.property(fc.string(), text => {
        const parsed = parseCursor(text);
        return parsed === null || cursorOf(parsed) === text;
      }),
    );
  });
});
