import { expect } from "vitest";
import { ownEventTypes } from "../../src/domain/events.ts";
import type { Channel, Provider, Reading, StoredCallback } from "../../src/providers/provider.ts";
import { bareConnection } from "./read-channel.ts";
import { spellQuestion } from "./specimen.ts";

/** What is read of hostile bytes can be settled and stored, or names its problems without values. */
export function expectSound(provider: Provider, channel: Channel, reading: Reading, bytes: Uint8Array): void {
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
    if (finding.phoneSha256 !== undefined) expect(finding.phoneSha256).toMatch(/^[0-9a-f]{64}$/);
    if (finding.phoneMasked !== undefined) expect(finding.phoneMasked.length).toBeLessThanOrEqual(32);
    expect([finding.phone, finding.phoneMasked, finding.phoneSha256].filter(Boolean).length).toBeLessThanOrEqual(1);
    if (finding.occurredAt) expect(Number.isNaN(finding.occurredAt.getTime())).toBe(false);
    // What PostgreSQL would refuse must not get this far.
    const { amount: _amount, balance: _balance, ...rest } = finding;
    expect(JSON.stringify(rest)).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud[89a-f]/);
    expect(JSON.stringify(rest).length).toBeLessThan(50_000);
  }
  if (reading.kind !== "message") return;
  expect(() => JSON.stringify(reading.messages)).not.toThrow();
  const types: readonly string[] = [...ownEventTypes, ...(provider.messageTypes ?? [])];
  for (const { type } of reading.messages) expect(types).toContain(type);
}

/** A key can be indexed. */
export function expectSoundKey(key: string | null): void {
  if (key === null) return;
  expect(key.length).toBeGreaterThan(0);
  expect(key.length).toBeLessThanOrEqual(300);
  expect(key).not.toContain("\u0000");
}

/** `read` and the decision find the same things wrong; what is to be decided can be stored. */
export function expectSoundQuestion(channel: Channel, fields: Record<string, unknown>, callback: StoredCallback): void {
  if (!channel.decision) return;
  const decision = channel.decision.read(fields, bareConnection);
  const reading = channel.read(fields, callback, bareConnection);
  expect(reading.kind).toBe(decision.kind === "question" ? "ignored" : "unreadable");
  if (decision.kind !== "question") return;
  expect(channel.key(fields, callback)).not.toBeNull();
  expect(JSON.stringify(spellQuestion(decision))).not.toMatch(/(?<!\\)\\u0000|(?<!\\)\\ud[89a-f]/);
}

/** Repeats none of the values that could be personal: six characters or more with a digit in them. */
export function expectNoValues(text: string, bytes: Uint8Array): void {
  const sent = new TextDecoder().decode(bytes.subarray(0, 20_000));
  for (const [value] of sent.matchAll(/[\w+*-]{6,100}/g)) if (/\d/.test(value)) expect(text).not.toContain(value);
}

/** Of evidence, and of what says that something changed. */
export function findingsOf(reading: Reading) {
  return reading.kind === "evidence" || reading.kind === "changed" ? reading.findings : [];
}
