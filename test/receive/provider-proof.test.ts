import { beforeEach, expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import { newUuid } from "../../src/domain/ids.ts";
import type { CallbackProof, PublishedKeys, ReceivedCallback } from "../../src/providers/proof.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { createPublishedKeys, type PublishedKeyCache } from "../../src/receive/published-keys.ts";
import { verifyProof } from "../../src/receive/verify-proof.ts";
import { muhuri } from "../providers/invented/muhuri/muhuri.ts";
import { storedCallback } from "../providers/read-channel.ts";

/** Its callbacks name the key that they are signed with in a header; where it is published, all but one hold. */
const keyed: Provider = {
  ...muhuri,
  verify: ({ headers }, _credentials, keys): CallbackProof => {
    const keyId = headers["x-key-id"];
    if (keyId === undefined) return "absent";
    if (!Object.hasOwn(keys, keyId)) return "unknown-key";
    return headers["x-signature"] === "wrong" ? "refused" : "signed";
  },
  keys: {
    call: () => ({ method: "GET", path: "/public-keys" }),
    read: ({ status, body }) =>
      status === 200
        ? { kind: "keys", keys: JSON.parse(new TextDecoder().decode(body)) as PublishedKeys }
        : { kind: "unavailable", reason: `HTTP ${status}` },
  },
};

const connection = { id: newUuid(7), provider: "muhuri", environment: "sandbox", baseUrl: null, credentials: {} };
let published: PublishedKeys | null;
let fetched: string[];
let cache: PublishedKeyCache;

beforeEach(() => {
  published = { k1: "a key" };
  fetched = [];
  const egress = {
    async send({ url }: { url: string }) {
      fetched.push(url);
      const body = new TextEncoder().encode(JSON.stringify(published ?? {}));
      return { kind: "answer", status: published ? 200 : 503, headers: {}, body };
    },
  };
  cache = createPublishedKeys({ egress: egress as never, now: () => new Date() });
});

function check(keyId: string | null, provider = keyed, credentials = {}, more: Record<string, string> = {}) {
  const headers: Record<string, string> = keyId === null ? {} : { "x-key-id": keyId, ...more };
  const callback: ReceivedCallback = { ...storedCallback({ headers }), url: "https://pay.example/in/muhuri/t/events" };
  return verifyProof(cache, provider, { ...connection, credentials } as unknown as Connection, callback);
}

const refused = { ok: false, status: 401 };

test("published keys are fetched when a callback needs them, once, also for many callbacks at once", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => check("k1")));
  for (const one of all) expect(one).toMatchObject({ ok: true, strength: "signed" });
  await check("k1");
  expect(fetched).toEqual(["https://api.muhuri.example/public-keys"]);
});

test("a key that is not published is refused, and costs no more than a fetch a minute", async () => {
  for (let n = 0; n < 5; n += 1) expect(await check(`forged-${n}`)).toMatchObject(refused);
  expect(fetched).toHaveLength(1);
});

test("regression: a key that is published next is fetched at once, also within a minute of the last fetch", async () => {
  expect(await check("k1")).toMatchObject({ ok: true });
  published = { k1: "a key", k2: "the next key" };
  expect(await check("k2")).toMatchObject({ ok: true, strength: "signed" });
  expect(await check("forged")).toMatchObject(refused);
  expect(await check("forged")).toMatchObject(refused);
  expect(fetched).toHaveLength(3);
});

test("regression: wrong signatures do not keep a new key from being fetched", async () => {
  const wrong = () => check("k1", keyed, {}, { "x-signature": "wrong" });
  for (let n = 0; n < 5; n += 1) expect(await wrong()).toMatchObject(refused);
  published = { k1: "a key", k2: "the next key" };
  expect(await check("k2")).toMatchObject({ ok: true, strength: "signed" });
  // One for each reason, and the one that brought the next key.
  expect(fetched).toHaveLength(3);
});

test("a signature that cannot be checked is not refused: the provider sends the callback again", async () => {
  published = null;
  expect(await check("k1")).toBe("unavailable");
});

test("a callback without the proof is refused, but for providers that are polled then", async () => {
  expect(await check(null)).toMatchObject(refused);
  expect(await check(null, { ...keyed, withoutProof: "poll" })).toMatchObject({ ok: true, strength: "hint" });
});

test("without the credential that verifies a callback is a hint", async () => {
  expect(await check(null, muhuri)).toMatchObject({ ok: true, strength: "hint" });
  expect(await check(null, muhuri, { signing_key: "key" })).toMatchObject(refused);
  expect(await check(null, muhuri, { signing_key: "  " })).toMatchObject({ ok: true, strength: "hint" });
});
