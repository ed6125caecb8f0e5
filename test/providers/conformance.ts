import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBody } from "../../src/providers/kit/parse-body.ts";
import type { StatusTable } from "../../src/providers/kit/status-table.ts";
import type { Channel, ParsedBody, Provider, Reading, Reply } from "../../src/providers/provider.ts";
import { damagedBodies, damagedBytes } from "./hostile.ts";
import { bytesOf, type Specimen, spell, spellQuestion } from "./specimen.ts";

const runsPerSpecimen = 40;

/**
 * What every provider promises, checked on its specimens. `tables` are its status tables by channel: each code has to be shown by
 * a specimen of that channel whose finding carries it as `result.code` and says what the table says.
 */
export function conformance(provider: Provider, specimens: Specimen[], tables: Record<string, StatusTable> = {}): void {
  describe(`${provider.name} keeps the promises of a provider`, () => {
    test("every channel is shown by a specimen", () => {
      expect([...new Set(specimens.map(specimen => specimen.channel))].sort()).toEqual(
        Object.keys(provider.channels).sort(),
      );
    });

    for (const specimen of specimens) {
      const channel = channelOf(provider, specimen);
      const body = objectOf(specimen, channel);

      describe(specimen.name, () => {
        test("is read as expected", () => {
          expect(spell(read(channel, specimen, body))).toEqual(specimen.reading);
        });

        const { decision } = channel;
        if (decision) {
          test("asks as expected", () => {
            expect(spellQuestion(decision.ask(body))).toEqual(specimen.question);
          });
        }

        test("is answered as expected", () => {
          const reply = answer(channel, body, read(channel, specimen, body));
          const json = reply.contentType.includes("json") && typeof specimen.answer.body !== "string";
          const told = json ? (JSON.parse(reply.body) as unknown) : reply.body;
          expect({ status: reply.status, content_type: reply.contentType, body: told }).toMatchObject(specimen.answer);
        });

        test("reads the same, under the same key, whatever its key order, white space and extra keys", () => {
          for (const twin of twinsOf(specimen.body)) {
            const parsed = objectOf({ ...specimen, body: twin }, channel);
            expect(channel.key(parsed)).toBe(channel.key(body));
            const reading = read(channel, { ...specimen, body: twin }, parsed);
            if (specimen.reading.kind === "evidence") expect(spell(reading)).toEqual(specimen.reading);
          }
        });

        test("identifies its transaction as a registration of the same refs would", () => {
          for (const finding of findingsOf(read(channel, specimen, body))) {
            if (finding.identity.length === 0) expect(finding.reference).toBeDefined();
            // An answer to a question is identified by the question's conversation; its refs are the asked one's.
            if (finding.answersQuestion) expect(finding.identity).not.toEqual([]);
            else expect(finding.identity.toSorted()).toEqual(provider.identity(finding.kind, finding.refs).toSorted());
          }
        });

        test("never throws when damaged, and ends in a reading that tells no value of the body", () => {
          const damaged = fc.oneof(
            damagedBodies(specimen.body).map(bytesOfAny),
            damagedBytes.map(damage => damage(bytesOf(specimen.body))),
          );
          fc.assert(
            fc.property(damaged, bytes => {
              const parsed = parseBody(bytes, specimen.contentType, channel.forms);
              if (parsed.kind === "unparsable") return expectNoValues(parsed.problem.message, bytes);
              expectSoundKey(channel.key(parsed.value));
              expect(channel.accepted(parsed.value).status).toBeLessThan(300);
              expectSoundQuestion(channel, parsed.value, bytes);
              expectSound(provider, channel, channel.read(parsed.value, callbackOf(specimen, bytes)), bytes);
            }),
            { numRuns: runsPerSpecimen },
          );
        });
      });
    }

    test("specimens with other news have another key, specimens with the same news the same", () => {
      const keys = new Map<string, string>();
      for (const specimen of specimens.filter(each => each.news !== null)) {
        const channel = channelOf(provider, specimen);
        const key = channel.key(objectOf(specimen, channel));
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
  });
}

function channelOf(provider: Provider, specimen: Specimen): Channel {
  const channel = provider.channels[specimen.channel];
  if (!channel) throw new Error(`${provider.id} has no channel ${specimen.channel}`);
  return channel;
}

function objectOf(specimen: Specimen, channel: Channel): Record<string, unknown> {
  const parsed: ParsedBody = parseBody(bytesOf(specimen.body), specimen.contentType, channel.forms);
  if (parsed.kind === "unparsable")
    throw new Error(`${specimen.name} is no object: a body like it never reaches a channel`);
  return parsed.value;
}

function callbackOf(specimen: Specimen, body: Uint8Array) {
  const headers = { "content-type": specimen.contentType };
  return { channel: specimen.channel, headers, body, receivedAt: new Date("2026-11-20T09:00:00.000Z") };
}

function read(channel: Channel, specimen: Specimen, body: Record<string, unknown>): Reading {
  return channel.read(body, callbackOf(specimen, bytesOf(specimen.body)));
}

function answer(channel: Channel, body: Record<string, unknown>, reading: Reading): Reply {
  return reading.kind === "unreadable" && channel.unreadable
    ? channel.unreadable(reading.problems)
    : channel.accepted(body);
}

function findingsOf(reading: Reading) {
  return reading.kind === "evidence" ? reading.findings : [];
}

/** The same callback in other words: keys the other way round, white space, keys nobody knows. */
function twinsOf(body: unknown): unknown[] {
  if (typeof body === "string") return [body.split("&").reverse().join("&"), `${body}&unheard_of=1`];
  return [JSON.stringify(reversed(body), null, 3), JSON.stringify(extended(body))];
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
    for (const text of finding.identity) expect(text).toMatch(/^[a-z_]+:\S/);
    if (finding.amount) expect(finding.amount.minor).toBeGreaterThanOrEqual(0n);
    if (finding.phone !== undefined) expect(finding.phone).toMatch(/^\+\d{7,15}$/);
    if (finding.occurredAt) expect(Number.isNaN(finding.occurredAt.getTime())).toBe(false);
    // What PostgreSQL would refuse must not get this far.
    const { amount: _, ...rest } = finding;
    expect(JSON.stringify(rest)).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud[89a-f]/);
    expect(JSON.stringify(rest).length).toBeLessThan(50_000);
  }
  if (reading.kind === "message") expect(() => JSON.stringify(reading.messages)).not.toThrow();
}

/** Reading and asking find the same things wrong; what is asked can be stored. */
function expectSoundQuestion(channel: Channel, body: Record<string, unknown>, bytes: Uint8Array): void {
  if (!channel.decision) return;
  const asked = channel.decision.ask(body);
  const reading = channel.read(body, { channel: "", headers: {}, body: bytes, receivedAt: new Date(0) });
  expect(reading.kind).toBe(asked.kind === "asked" ? "ignored" : "unreadable");
  if (asked.kind !== "asked") return;
  expect(channel.key(body)).not.toBeNull();
  expect(JSON.stringify(spellQuestion(asked))).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud[89a-f]/);
}

/** Values that could be somebody's: six characters or more with a digit in them. */
function expectNoValues(text: string, bytes: Uint8Array): void {
  const sent = new TextDecoder().decode(bytes.subarray(0, 20_000));
  for (const [value] of sent.matchAll(/[\w+*-]{6,100}/g)) if (/\d/.test(value)) expect(text).not.toContain(value);
}

function shownBy(specimens: Specimen[]): Map<string, Set<string>> {
  const shown = new Map<string, Set<string>>();
  for (const { reading } of specimens) {
    for (const finding of reading.kind === "evidence" ? reading.findings : []) {
      const code = (finding.result as { code?: string } | undefined)?.code?.toLowerCase();
      if (code !== undefined) shown.set(code, (shown.get(code) ?? new Set()).add(finding.says));
    }
  }
  return shown;
}
