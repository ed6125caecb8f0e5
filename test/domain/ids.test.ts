import { expect, test } from "vitest";
import { idPrefixes, newUuid, parseId, publicId, shardOf } from "../../src/domain/ids.ts";

const nowMs = Date.UTC(2025, 9, 18);
const timeOf = (uuid: string) => Number.parseInt(uuid.replace("-", "").slice(0, 12), 16);

test("ids of one millisecond sort in the order they were made, also when they are more than a counter holds", () => {
  const made = Array.from({ length: 10_000 }, () => newUuid(7, nowMs));
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made.map(shardOf))).toEqual(new Set([7]));
});

test("ids go on in order where the clock is set back by less than ten seconds", () => {
  const before = newUuid(7, nowMs + 60_000);
  expect(newUuid(7, nowMs + 51_000) > before).toBe(true);
});

test("regression: ids follow a clock that was years ahead and is set right", () => {
  newUuid(7, nowMs + 10 * 365 * 86_400_000);
  expect(timeOf(newUuid(7, nowMs))).toBe(nowMs);
});

test("each kind of id is read by its prefix alone", () => {
  const uuid = newUuid(63, nowMs);
  for (const kind of Object.keys(idPrefixes) as (keyof typeof idPrefixes)[]) {
    expect(parseId(kind, publicId(kind, uuid))).toBe(uuid);
    expect(parseId(kind === "merchant" ? "event" : "merchant", publicId(kind, uuid))).toBeNull();
  }
});
