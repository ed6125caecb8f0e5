import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatedFiles } from "../generated-files.ts";

test("the generated types are current: else npm run client:generate", async () => {
  for (const [name, text] of Object.entries(await generatedFiles())) {
    const kept = readFileSync(new URL(`../src/generated/${name}`, import.meta.url), "utf8");
    expect(kept === text, `client/src/generated/${name} is current`).toBe(true);
  }
});

test("every call of the API has one place in the client", async () => {
  const { operations } = await import("../src/generated/operations.ts");
  const places = Object.values(operations).map(({ group, action }) => `${group}.${action}`);
  expect(places.length).toBeGreaterThan(60);
  expect(places.filter((place, at) => places.indexOf(place) !== at)).toEqual([]);
});
