import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minorDigits } from "../../src/domain/currencies.ts";
import { ownEventTypes } from "../../src/domain/events.ts";
import { timeReader } from "../../src/domain/time.ts";
import { parseCallback } from "../../src/providers/kit/parse-callback.ts";
import type { StatusTable } from "../../src/providers/kit/status-table.ts";
import { currencyOf } from "../../src/providers/names.ts";
import type { PublishedKeys, ReceivedCallback } from "../../src/providers/proof.ts";
import type { Channel, Credentials, Provider, Reading, Reply, StoredCallback } from "../../src/providers/provider.ts";
import { damagedBodies, damagedBytes } from "./hostile.ts";
import { bareConnection } from "./read-channel.ts";
import { bytesOf, type Specimen, spell, spellQuestion } from "./specimen.ts";

const runsPerSpecimen = 40;

type ConformanceOptions = {
  /** Status tables by channel: each code has to be shown by a specimen whose finding has it as `result.code` and says the same. */
  tables?: Record<string, StatusTable>;
  /** Of a provider that verifies: what it verifies with, and how its callbacks are signed. */
  proof?: { credentials: Credentials; keys?: PublishedKeys; sign(callback: StoredCallback): StoredCallback };
};

/** What every provider promises, checked on its specimens. */
export function conformance(
  provider: Provider,
  specimens: Specimen[],
  { tables = {}, proof }: ConformanceOptions = {},
): void {
  describe(`${provider.name} keeps the promises of a provider`, () => {
    declares(provider);

    test("every channel, and every method of a channel, is shown by a specimen", () => {
      const expected = Object.entries(provider.channels).flatMap(([name, { methods = ["POST"] }]) =>
        methods.map(method => `${method} ${name}`),
      );
      expect([...new Set(specimens.map(({ method, channel }) => `${method} ${channel}`))].sort()).toEqual(
        expected.sort(),
      );
    });

    for (const specimen of specimens) readsAndReplies(provider, specimen);

    test("specimens with other news have another key, specimens with the same news the same", () => {
      const keys = new Map<string, string>();
      for (const specimen of specimens.filter(each => each.news !== null)) {
        const channel = channelOf(provider, specimen);
        const key = channel.key(fieldsOf(specimen, channel), callbackOf(specimen));
        if (specimen.reading.kind !== "unreadable") expect(key, specimen.name).not.toBeNull();
        if (key === null) continue;
        const where = `${specimen.channel} ${key}`;
        expect(keys.get(where) ?? specimen.news, `${specimen.name} has the key of other news`).toBe(specimen.news);
        keys.set(where, specimen.news!);
      }
      const byNews = [...keys].map(([where, news]) => `${where.split(" ")[0]} ${news}`);
      expect(new Set(byNews).size, "the same news has two keys").toBe(byNews.length);
    });

    for (const [channel, table] of Object.entries(tables)) {
      test(`every status of ${channel} is shown by a specimen`, () => {
        const shown = shownBy(specimens.filter(specimen => specimen.channel === channel));
        for (const [code, says] of Object.entries(table))
          expect([...(shown.get(code.toLowerCase()) ?? [])], code).toContain(says);
      });
    }

    if (provider.verify) verifies(provider, specimens, proof);
  });
}

/** What a provider declares beside its channels. */
function declares(provider: Provider): void {
  test("dates, currency, hosts and verifying credentials are declared in a form that can be used", () => {
    expect(() => timeReader(provider.dateFormats ?? [], 0)).not.toThrow();
    const currency = typeof provider.currency === "string" ? currencyOf(provider, bareConnection) : null;
    if (currency !== null) expect(minorDigits(currency)).not.toBeNull();
    const { sandbox, production } = provider.baseUrls;
    if (typeof sandbox === "string") expect(typeof production).toBe("string");
    else expect(Object.keys(production)).toEqual(Object.keys(sandbox));
    const urls = [sandbox, production].flatMap(hosts => (typeof hosts === "string" ? [hosts] : Object.values(hosts)));
    for (const url of urls) expect(url).toMatch(/^https?:\/\/\S+[^/]$/);
    const verifying = provider.credentials.filter(field => field.verifies);
    if (verifying.length > 0 || provider.keys) expect(provider.verify).toBeDefined();
    for (const name of provider.secretHeaders ?? []) expect(name).toBe(name.toLowerCase());
  });
}

function readsAndReplies(provider: Provider, specimen: Specimen): void {
  const channel = channelOf(provider, specimen);
  const callback = callbackOf(specimen);
  const fields = fieldsOf(specimen, channel);

  describe(specimen.name, () => {
    test("is read as expected", () => {
      expect(spell(channel.read(fields, callback, bareConnection))).toEqual(specimen.reading);
    });

    const { decision } = channel;
    if (decision) {
      test("asks for a decision as expected", () => {
        expect(spellQuestion(decision.read(fields))).toEqual(specimen.question);
      });
    }

    test("is answered as expected", () => {
      const reply = answer(channel, fields, channel.read(fields, callback, bareConnection));
      const json = reply.contentType.includes("json") && typeof specimen.answer.body !== "string";
      const body = json ? (JSON.parse(reply.body) as unknown) : reply.body;
      expect({ status: reply.status, content_type: reply.contentType, body }).toMatchObject(specimen.answer);
    });

    test("reads the same, under the same key, whatever its key order, white space and extra keys", () => {
      for (const twin of twinsOf(specimen)) {
        const twinFields = fieldsOf(twin, channel);
        expect(channel.key(twinFields, callbackOf(twin))).toBe(channel.key(fields, callback));
        const reading = channel.read(twinFields, callbackOf(twin), bareConnection);
        if (specimen.reading.kind === "evidence") expect(spell(reading)).toEqual(specimen.reading);
      }
    });

    test("identifies its transaction as a registration of the same refs would", () => {
      for (const finding of findingsOf(channel.read(fields, callback, bareConnection))) {
        if (finding.identity.length === 0) expect(finding.reference).toBeDefined();
        // A deferred answer is identified by the poll's conversation; its refs are the polled transaction's.
        if (finding.answersQuestion) expect(finding.identity).not.toEqual([]);
        else expect(finding.identity.toSorted()).toEqual(provider.identity(finding.kind, finding.refs).toSorted());
        if (provider.refs) expect(provider.refs).toEqual(expect.arrayContaining(Object.keys(finding.refs)));
      }
    });

    test("never throws when damaged, and ends in a reading that repeats no value of the body", () => {
      fc.assert(
        fc.property(damagedCallbacks(specimen), damaged => {
          const parsed = parseCallback(damaged, channel.forms);
          const sent = [...damaged.body, ...bytesOf(JSON.stringify(damaged.query))];
          const bytes = Uint8Array.from(sent);
          if (parsed.kind === "unparsable") return expectNoValues(parsed.problem.message, bytes);
          expectSoundKey(channel.key(parsed.value, damaged));
          expect(channel.accepted(parsed.value).status).toBeLessThan(300);
          expectSoundQuestion(channel, parsed.value, damaged);
          expectSound(provider, channel, channel.read(parsed.value, damaged, bareConnection), bytes);
        }),
        { numRuns: runsPerSpecimen },
      );
    });
  });
}

/** The proof of a provider's own: it holds for what the provider signed, and for nothing else. */
function verifies(provider: Provider, specimens: Specimen[], proof: ConformanceOptions["proof"]): void {
  const received = (callback: StoredCallback): ReceivedCallback => ({
    ...callback,
    url: `https://pay.example/in/${provider.id}/t0ken/${callback.channel}`,
  });
  const verify = (callback: StoredCallback, credentials = proof?.credentials ?? {}) =>
    provider.verify!(received(callback), credentials, proof?.keys ?? {});

  test("a signed callback is verified, one without a proof has none", () => {
    expect(proof, "the suite needs to know how callbacks are signed").toBeDefined();
    for (const specimen of specimens) {
      const callback = callbackOf(specimen);
      expect(verify(proof!.sign(callback)), specimen.name).toBe("signed");
      expect(verify(callback), specimen.name).toBe("absent");
    }
  });

  test("a signed callback that was changed afterwards is not verified, nor one under other credentials", () => {
    for (const specimen of specimens) {
      const signed = proof!.sign(callbackOf(specimen));
      const others = Object.fromEntries(Object.entries(proof!.credentials).map(([name]) => [name, "another-secret"]));
      if (!proof!.keys) expect(verify(signed, others), specimen.name).not.toBe("signed");
      const changed = specimens.find(other => other.channel === specimen.channel && other.news !== specimen.news);
      if (!changed) continue;
      // The proof of one callback on the content of another.
      const { headers } = signed;
      const forged = { ...proof!.sign(callbackOf(changed)), headers, body: mixed(signed, callbackOf(changed)) };
      expect(verify(forged), specimen.name).not.toBe("signed");
    }
  });

  test("verifying never throws, whatever is sent", () => {
    const specimen = specimens[0]!;
    fc.assert(
      fc.property(damagedCallbacks(specimen), fc.dictionary(fc.string(), fc.string()), (damaged, headers) => {
        const proofs = ["signed", "refused", "absent"];
        expect(proofs).toContain(verify({ ...damaged, headers: { ...damaged.headers, ...headers } }));
        expect(proofs).toContain(verify(damaged, {}));
      }),
      { numRuns: runsPerSpecimen },
    );
  });
}

/** The body of another callback with the proof that this one carries in its own body, if any. */
function mixed(signed: StoredCallback, other: StoredCallback): Uint8Array {
  try {
    const own = JSON.parse(new TextDecoder().decode(signed.body)) as Record<string, unknown>;
    const content = JSON.parse(new TextDecoder().decode(other.body)) as Record<string, unknown>;
    const proof = Object.entries(own).filter(([name]) => !Object.hasOwn(content, name));
    return bytesOf({ ...content, ...Object.fromEntries(proof) });
  } catch {
    return other.body;
  }
}

function channelOf(provider: Provider, specimen: Specimen): Channel {
  const channel = provider.channels[specimen.channel];
  if (!channel) throw new Error(`${provider.id} has no channel ${specimen.channel}`);
  return channel;
}

function fieldsOf(specimen: Specimen, channel: Channel): Record<string, unknown> {
  const parsed = parseCallback(callbackOf(specimen), channel.forms);
  if (parsed.kind === "unparsable")
    throw new Error(`${specimen.name} is no object: a body like it never reaches a channel`);
  return parsed.value;
}

function callbackOf({ channel, method, query, headers, contentType, body }: Specimen): StoredCallback {
  return {
    channel,
    method,
    query,
    headers: { "content-type": contentType, ...headers },
    body: method === "GET" ? new Uint8Array() : bytesOf(body),
    receivedAt: new Date("2026-11-20T09:00:00.000Z"),
  };
}

function answer(channel: Channel, fields: Record<string, unknown>, reading: Reading): Reply {
  return reading.kind === "unreadable" && channel.unreadable
    ? channel.unreadable(reading.problems)
    : channel.accepted(fields);
}

function findingsOf(reading: Reading) {
  return reading.kind === "evidence" || reading.kind === "changed" ? reading.findings : [];
}

/** The same callback in other words: keys the other way round, white space, keys nobody knows. */
function twinsOf(specimen: Specimen): Specimen[] {
  const { body, query, method } = specimen;
  if (method === "GET") {
    return [Object.fromEntries(Object.entries(query).reverse()), { ...query, unheard_of: "1" }].map(twin => ({
      ...specimen,
      query: twin,
    }));
  }
  const bodies =
    typeof body === "string"
      ? [body.split("&").reverse().join("&"), `${body}&unheard_of=1`]
      : [JSON.stringify(reversed(body), null, 3), JSON.stringify(extended(body))];
  return bodies.map(twin => ({ ...specimen, body: twin }));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

function extended(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(extended);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, extended(item)]);
  return Object.fromEntries([["UnheardOf", "1"], ...entries, ["unheard_of_too", 2]]);
}

/** A specimen with a damaged body, or with a damaged query where it has no body. */
function damagedCallbacks(specimen: Specimen): fc.Arbitrary<StoredCallback> {
  const callback = callbackOf(specimen);
  if (specimen.method === "GET") {
    const names = fc.oneof(fc.constantFrom(...Object.keys(specimen.query)), fc.string());
    const changes = fc.dictionary(names, fc.string({ unit: "binary", maxLength: 60 }), { maxKeys: 3 });
    return changes.map(change => ({ ...callback, query: { ...specimen.query, ...change } }));
  }
  return fc
    .oneof(
      damagedBodies(specimen.body).map(bytesOfAny),
      damagedBytes.map(damage => damage(bytesOf(specimen.body))),
    )
    .map(body => ({ ...callback, body }));
}

/** A damaged value may have become undefined, which is no JSON. */
function bytesOfAny(body: unknown): Uint8Array {
  try {
    return bytesOf(body ?? null);
  } catch {
    // Nested too deep for JSON.stringify: written by hand.
    return new TextEncoder().encode(`{"Body":${'{"deep":'.repeat(50_000)}1${"}".repeat(50_000)}}`);
  }
}

function expectSoundKey(key: string | null): void {
  if (key === null) return;
  expect(key.length).toBeGreaterThan(0);
  expect(key.length).toBeLessThanOrEqual(300);
  expect(key).not.toContain("\u0000");
}

function expectSound(provider: Provider, channel: Channel, reading: Reading, bytes: Uint8Array): void {
  if (reading.kind === "unreadable") {
    expect(reading.problems.length).toBeGreaterThan(0);
    for (const { path, message } of reading.problems) expectNoValues(`${path} ${message}`, bytes);
    if (channel.unreadable) expect(channel.unreadable(reading.problems).status).toBe(400);
    return;
  }
  for (const finding of findingsOf(reading)) {
    expect(finding.identity.length > 0 || finding.reference !== undefined).toBe(true);
    expect(provider.kinds).toContain(finding.kind);
    for (const text of finding.identity) expect(text).toMatch(/^[a-z_]+[a-z0-9_]*:\S/);
    if (finding.amount) expect(finding.amount.minor).toBeGreaterThanOrEqual(0n);
    if (finding.phone !== undefined) expect(finding.phone).toMatch(/^\+\d{7,15}$/);
    if (finding.occurredAt) expect(Number.isNaN(finding.occurredAt.getTime())).toBe(false);
    // What PostgreSQL would refuse must not get this far.
    const { amount: _, ...rest } = finding;
    expect(JSON.stringify(rest)).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud[89a-f]/);
    expect(JSON.stringify(rest).length).toBeLessThan(50_000);
  }
  if (reading.kind !== "message") return;
  expect(() => JSON.stringify(reading.messages)).not.toThrow();
  const types: readonly string[] = [...ownEventTypes, ...(provider.messageTypes ?? [])];
  for (const { type } of reading.messages) expect(types).toContain(type);
}

/** `read` and the decision find the same things wrong; what is to be decided can be stored. */
function expectSoundQuestion(channel: Channel, fields: Record<string, unknown>, callback: StoredCallback): void {
  if (!channel.decision) return;
  const decision = channel.decision.read(fields);
  const reading = channel.read(fields, callback, bareConnection);
  expect(reading.kind).toBe(decision.kind === "question" ? "ignored" : "unreadable");
  if (decision.kind !== "question") return;
  expect(channel.key(fields, callback)).not.toBeNull();
  expect(JSON.stringify(spellQuestion(decision))).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud[89a-f]/);
}

/** Values that could be somebody's: six characters or more with a digit in them. */
function expectNoValues(text: string, bytes: Uint8Array): void {
  const sent = new TextDecoder().decode(bytes.subarray(0, 20_000));
  for (const [value] of sent.matchAll(/[\w+*-]{6,100}/g)) if (/\d/.test(value)) expect(text).not.toContain(value);
}

function shownBy(specimens: Specimen[]): Map<string, Set<string>> {
  const shown = new Map<string, Set<string>>();
  for (const { reading } of specimens) {
    for (const finding of reading.kind === "evidence" || reading.kind === "changed" ? reading.findings : []) {
      const code = (finding.result as { code?: string } | undefined)?.code?.toLowerCase();
      if (code !== undefined) shown.set(code, (shown.get(code) ?? new Set()).add(finding.says));
    }
  }
  return shown;
}
