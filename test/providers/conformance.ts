import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minorDigits } from "../../src/domain/currencies.ts";
import { timeReader } from "../../src/domain/time.ts";
import { parseCallback } from "../../src/providers/kit/parse-callback.ts";
import type { StatusTable } from "../../src/providers/kit/status-table.ts";
import { currencyOf } from "../../src/providers/names.ts";
import type { Channel, Provider, Reading, Reply } from "../../src/providers/provider.ts";
import { damagedCallbacks } from "./damaged-callbacks.ts";
import { expectNoValues, expectSound, expectSoundKey, expectSoundQuestion, findingsOf } from "./expect-sound.ts";
import { type ProofExample, verifies } from "./proof-conformance.ts";
import { bareConnection } from "./read-channel.ts";
import { bytesOf, type Specimen, spell, spellQuestion } from "./specimen.ts";
import { callbackOf } from "./specimen-callback.ts";
import { twinsOf } from "./twins.ts";

const runsPerSpecimen = 40;

type ConformanceOptions = {
  /**
   * Status tables by channel: each code has to be shown by a specimen whose finding has it as `result.code` and says
   * the same.
   */
  tables?: Record<string, StatusTable>;
  /** Of a provider that verifies. */
  proof?: ProofExample;
  /** Groups of channels that read each other's bodies on purpose. */
  alike?: readonly (readonly string[])[];
};

/** What every provider promises, checked on its specimens. */
export function conformance(
  provider: Provider,
  specimens: Specimen[],
  { tables = {}, proof, alike = [] }: ConformanceOptions = {},
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

    if (Object.values(provider.channels).some(channel => channel.recognizes)) {
      tellsChannelsApart(provider, specimens, alike);
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

/** A callback that came to the wrong URL is kept unread, and told which URL is right. */
function tellsChannelsApart(provider: Provider, specimens: Specimen[], alike: readonly (readonly string[])[]): void {
  const readable = specimens.filter(({ reading }) => reading.kind !== "unreadable");
  const groupOf = (name: string) => alike.find(group => group.includes(name)) ?? [name];

  test.each(readable.map(specimen => [specimen.name, specimen] as const))(
    "%s is recognized by no other channel than its own, and read by none",
    (_name, specimen) => {
      const group = groupOf(specimen.channel);
      const body = fieldsOf(specimen, channelOf(provider, specimen));
      const claims = Object.entries(provider.channels).filter(([, channel]) => channel.recognizes?.(body));
      expect(claims.length).toBe(1);
      expect(group).toContain(claims[0]![0]);
      for (const [name, channel] of Object.entries(provider.channels)) {
        if (group.includes(name)) continue;
        expect(channel.read(body, callbackOf(specimen), bareConnection).kind, `on ${name}`).toBe("unreadable");
      }
    },
  );

  test("who a callback says was paid is text at a path", () => {
    for (const specimen of readable) {
      const channel = channelOf(provider, specimen);
      const receiver = channel.receiver?.(fieldsOf(specimen, channel)) ?? null;
      if (receiver === null) continue;
      expect(receiver.path).not.toBe("");
      expect(receiver.value).toBe(receiver.value.trim());
      expect(provider.receiver).toBeDefined();
    }
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
        expect(spellQuestion(decision.read(fields, bareConnection))).toEqual(specimen.question);
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
          const claims = Object.values(provider.channels).filter(each => each.recognizes?.(parsed.value));
          expect(claims.length).toBeLessThanOrEqual(1);
          channel.receiver?.(parsed.value);
          expect(channel.accepted(parsed.value).status).toBeLessThan(300);
          expectSoundQuestion(channel, parsed.value, damaged);
          expectSound(provider, channel, channel.read(parsed.value, damaged, bareConnection), bytes);
        }),
        { numRuns: runsPerSpecimen },
      );
    });
  });
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

function answer(channel: Channel, fields: Record<string, unknown>, reading: Reading): Reply {
  return reading.kind === "unreadable" && channel.unreadable
    ? channel.unreadable(reading.problems)
    : channel.accepted(fields);
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
