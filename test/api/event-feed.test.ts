import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReaders } from "../../src/api/events/readers.ts";
import { newUuid, parseId, publicId, shardOf } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let seed: ReturnType<typeof seeder>;
let merchant: { id: string; key: string; keyId: string };
let connectionId: string;
const closing = new AbortController();
/** Added to the clock of the API: a wait of seconds ends at once. */
let aheadMs = 0;
beforeAll(async () => {
  api = await startApi({
    closing: closing.signal,
    readers: createReaders({ ofKey: 3, ofAll: 100 }),
    now: () => new Date(Date.now() + aheadMs),
  });
  seed = seeder(api.sql);
  merchant = await api.newMerchant();
  const body = { provider: "daraja", environment: "sandbox" };
  connectionId = (await api.call("POST", "/v1/connections", { key: merchant.key, body })).json.id;
});
afterAll(() => api.close());

const get = (path: string, key = merchant.key) => api.call("GET", path, { key });
const idsOf = ({ json }: { json: Json }) => json.data.map(({ id }: Json) => id);

/** A promise and what fulfils it. */
function gate() {
  let resolve = () => {};
  const promise = new Promise<void>(done => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

/** Reads a stream until it has said so much. */
async function openStream(path = "/v1/events/stream", headers: Record<string, string> = {}, key = merchant.key) {
  const response = await fetch(api.url + path, { headers: { authorization: `Bearer ${key}`, ...headers } });
  const reader = response.body!.getReader();
  let heard = "";
  return {
    response,
    async until(isEnough: (text: string) => boolean): Promise<string> {
      while (!isEnough(heard)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended after: ${heard}`);
        heard += Buffer.from(value).toString();
      }
      return heard;
    },
    async toItsEnd(): Promise<string> {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return heard;
        heard += Buffer.from(value).toString();
      }
    },
    cancel: () => reader.cancel(),
  };
}

describe("events in the order in which they were written", () => {
  it("follow after the one that is named, and page by page", async () => {
    const { id, key } = await api.newMerchant();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push(await seed.event(id));
    expect(idsOf(await get("/v1/events?order=asc", key))).toEqual(made);
    expect(idsOf(await get(`/v1/events?after=${made[1]}`, key))).toEqual(made.slice(2));
    expect(idsOf(await get(`/v1/events?after=${made[4]}&order=asc`, key))).toEqual([]);
    const first = await get("/v1/events?order=asc&limit=2", key);
    const second = await get(`/v1/events?order=asc&limit=2&cursor=${first.json.next_cursor}`, key);
    const third = await get(`/v1/events?order=asc&limit=2&cursor=${second.json.next_cursor}`, key);
    expect([first, second, third].flatMap(idsOf)).toEqual(made);
    expect(third.json.next_cursor).toBeNull();
    expect(idsOf(await api.call("GET", `/v1/events?order=asc&merchant_id=${id}&type=endpoint.*`))).toEqual(made);
    expect(idsOf(await api.call("GET", `/v1/events?after=${made[3]}`))).toContain(made[4]);
    expect(idsOf(await get("/v1/events?order=asc&type=payment.*", key))).toEqual([]);
  });

  it.each([
    ["after=evt_0199f3b0c4d17a3e8f0a1b2c3d4e5f60", "after"],
    ["after=nothing", "after"],
    ["wait_s=31", "wait_s"],
    ["wait_s=-1", "wait_s"],
    ["wait_s=soon", "wait_s"],
    ["order=up", "order"],
    ["order=desc&wait_s=1", "order"],
  ])("refuse ?%s at %s", async (query, path) => {
    const { status, json } = await get(`/v1/events?${query}`);
    expect([status, json.errors[0].path]).toEqual([422, path]);
  });

  it("refuse an event of another merchant's as the place to begin", async () => {
    const other = await api.newMerchant();
    const event = await seed.event(other.id);
    expect((await get(`/v1/events?after=${event}`)).status).toBe(422);
    expect((await openStream(undefined, { "last-event-id": event })).response.status).toBe(422);
  });

  it("are waited for, for as long as was asked", async () => {
    const { id, key } = await api.newMerchant();
    const waiting = get("/v1/events?order=asc&wait_s=30", key);
    const event = await seed.event(id);
    expect(idsOf(await waiting)).toEqual([event]);
    expect(idsOf(await get(`/v1/events?after=${event}&wait_s=1`, key))).toEqual([]);
  });

  it("wait for a database transaction that began before them, so that none is left out", async () => {
    const { id, key } = await api.newMerchant();
    const shard = shardOf(parseId("merchant", id)!);
    const early = newUuid(shard);
    const written = gate();
    const commit = gate();
    const transaction = api.sql.begin(async tx => {
      await tx`
        insert into events (shard, id, merchant_id, type, body)
        values (${shard}, ${early}, ${parseId("merchant", id)}, 'endpoint.test',
          ${JSON.stringify({ id: publicId("event", early), type: "endpoint.test", timestamp: "2026-01-01T00:00:00.000Z", data: {} })})`;
      written.resolve();
      await commit.promise;
    });
    await written.promise;
    const late = await seed.event(id);
    expect(idsOf(await get("/v1/events?order=asc", key))).toEqual([]);
    commit.resolve();
    await transaction;
    expect(idsOf(await get("/v1/events?order=asc&wait_s=5", key))).toEqual([publicId("event", early), late]);
  });

  it("of one transaction follow its sequence, whichever database transaction began first", async () => {
    const transactionId = await seed.transaction({ merchantId: merchant.id, connectionId });
    const began = gate();
    const go = gate();
    const second = newUuid(shardOf(parseId("merchant", merchant.id)!), Date.now() - 5_000);
    const later = api.sql.begin(async tx => {
      await tx`select txid_current()`;
      began.resolve();
      await go.promise;
      await tx`
        insert into events (shard, id, merchant_id, type, transaction_id, sequence, body)
        values (${shardOf(second)}, ${second}, ${parseId("merchant", merchant.id)}, 'payment.failed',
          ${parseId("transaction", transactionId)}, 2, ${JSON.stringify({ id: publicId("event", second), type: "payment.failed", timestamp: "2026-01-01T00:00:00.000Z", data: {} })})`;
    });
    await began.promise;
    const first = await seed.event(merchant.id, { type: "payment.pending", transactionId, sequence: 1 });
    go.resolve();
    await later;
    const path = `/v1/events?order=asc&wait_s=5&transaction_id=${transactionId}`;
    expect(idsOf(await get(path))).toEqual([first, publicId("event", second)]);
  });
});

describe("the stream of events", () => {
  it("says each as it is delivered, from now on, of this merchant alone", async () => {
    const other = await api.newMerchant();
    await seed.event(merchant.id);
    const stream = await openStream();
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
    await stream.until(text => text.startsWith(":"));
    await seed.event(other.id);
    const event = await seed.event(merchant.id, { type: "chat.message_received", data: { words: "a\nb" } });
    const text = await stream.until(heard => heard.includes(event) && heard.endsWith("\n\n"));
    const body = (await get(`/v1/events/${event}`)).json;
    expect(text.replace(/^:.*\n\n/gm, "")).toBe(
      `id: ${event}\nevent: chat.message_received\ndata: ${JSON.stringify(body)}\n\n`,
    );
    await stream.cancel();
  });

  it("resumes after the last id, in order", async () => {
    const { id, key } = await api.newMerchant();
    const made: string[] = [];
    for (let n = 0; n < 4; n += 1) made.push(await seed.event(id));
    const stream = await openStream("/v1/events/stream", { "last-event-id": made[0]! }, key);
    const text = await stream.until(heard => heard.includes(made[3]!));
    expect([...text.matchAll(/^id: (.*)$/gm)].map(match => match[1])).toEqual(made.slice(1));
    await stream.cancel();
  });

  it("says that it is there while nothing comes", async () => {
    const stream = await openStream();
    await stream.until(text => text.startsWith(":"));
    aheadMs += 15_000;
    await stream.until(text => (text.match(/^:/gm) ?? []).length > 1);
    await stream.cancel();
  });

  it("shows a viewer no phone", async () => {
    const { key } = (await api.call("POST", "/v1/operators", { body: { name: "Wanjiku", role: "viewer" } })).json;
    const stream = await openStream(`/v1/events/stream?merchant_id=${merchant.id}`, {}, key);
    await stream.until(text => text.startsWith(":"));
    await seed.event(merchant.id, { data: { phone: "+254700000123" } });
    expect(await stream.until(text => text.includes("data:"))).not.toContain("700000123");
    await stream.cancel();
  });

  it("ends with its key", async () => {
    const path = `/v1/merchants/${merchant.id}/api-keys`;
    const { id, key } = (await api.call("POST", path, { body: { name: "short" } })).json;
    const stream = await openStream(undefined, {}, key);
    await stream.until(text => text.startsWith(":"));
    expect((await api.call("DELETE", `${path}/${id}`)).status).toBe(204);
    api.deps.keys.clear();
    aheadMs += 2_000;
    expect(await stream.toItsEnd()).toMatch(/^:/);
  });

  it("is open to a key so many times at a time, and a reader who leaves makes room", async () => {
    const { key } = await api.newMerchant();
    const open = [];
    for (let n = 0; n < 3; n += 1) open.push(await openStream(undefined, {}, key));
    for (const stream of open) await stream.until(text => text.startsWith(":"));
    const refused = await openStream(undefined, {}, key);
    expect([refused.response.status, refused.response.headers.get("retry-after")]).toEqual([429, "5"]);
    const { status } = await fetch(`${api.url}/v1/events/stream`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${merchant.key}` },
    });
    expect(status).toBe(200);
    for (const stream of open) await stream.cancel();
    aheadMs += 15_000;
    await expect
      .poll(async () => (await get("/v1/events?wait_s=1&order=asc&type=bill.failed", key)).status, { timeout: 5_000 })
      .toBe(200);
  });

  it("ends when the program stops, and waits for events answer", async () => {
    const { key, keyId } = await api.newMerchant();
    const stream = await openStream(undefined, {}, key);
    await stream.until(text => text.startsWith(":"));
    const waiting = get("/v1/events?order=asc&wait_s=30", key);
    const more = get("/v1/events?order=asc&wait_s=30", key);
    await expect.poll(() => api.deps.readers.hasRoom(keyId)).toBe(false);
    closing.abort();
    expect(await stream.toItsEnd()).toMatch(/^:/);
    expect([await waiting, await more].flatMap(idsOf)).toEqual([]);
  });
});
