import { expect, test } from "vitest";
import { playKilledStarts } from "../../chaos/starts-killed.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { testDatabase } from "../support/database.ts";

test("killed at random points of its starts, the program sends each order once at most, and leaves none without a fate", async () => {
  const database = await testDatabase();
  const result = await playKilledStarts({ databaseUrl: database.url, folder: newDataFolder(), orders: 40, seed: 7 });
  expect(result.problems).toEqual([]);
  expect(result).toMatchObject({ orders: 40, kills: 4, states: { accepted: expect.any(Number) } });
  await database.drop();
});
