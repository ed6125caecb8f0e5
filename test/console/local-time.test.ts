import { afterAll, beforeAll, expect, test } from "vitest";
import { instantIn, localTime } from "../../src/console/local-time.ts";
import { seeder } from "../api/seed.ts";
import { type Program, runProgram } from "../support/program.ts";
import { type Browser, signedIn } from "./browser.ts";

test.each([
  ["Africa/Nairobi", "2026-03-01T02:30", "2026-02-28T23:30:00.000Z"],
  ["UTC", "2026-03-01T02:30:05", "2026-03-01T02:30:05.000Z"],
  ["America/New_York", "2026-07-01T12:00", "2026-07-01T16:00:00.000Z"],
  ["America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00.000Z"],
])("in %s, %s is %s, and shown so again", (timeZone, typed, instant) => {
  expect(instantIn(typed, timeZone)).toBe(instant);
  expect(localTime(new Date(instant), timeZone).replace(" ", "T").startsWith(typed)).toBe(true);
});

test.each(["yesterday", "2026-13-01T00:00", "2026-03-01T02:30:00Z", ""])("%j is left for the API to refuse", typed => {
  expect(instantIn(typed, "Africa/Nairobi")).toBe(typed);
});

let program: Program;
let admin: Browser;
beforeAll(async () => {
  program = await runProgram(undefined, { HAKIKA_TIME_ZONE: "Africa/Nairobi" });
  admin = await signedIn(program.url, program.adminKey);
});
afterAll(() => program?.stop());

test("an overview without a connection says how to begin, and its counts lead to the same day", async () => {
  const { text } = await admin.get("/");
  expect(text).toContain("First steps");
  expect(text).toMatch(/\/console\/transactions\?status=failed&amp;created_after=\d{4}-\d\d-\d\dT\d\d:\d\d"/);
  const { id, key } = await program.newMerchant("Begun");
  const own = await signedIn(program.url, key);
  expect((await own.get("/")).text).toContain("First steps");
  await program.call("POST", "/v1/connections", { merchant_id: id, provider: "daraja", environment: "sandbox" });
  expect((await own.get("/")).text).not.toContain("First steps");
  expect((await admin.get("/")).text).not.toContain("First steps");
});

test("the console shows local times with UTC in their title, and lists are filtered by local times", async () => {
  const { id } = await program.newMerchant("Duka");
  const event = await seeder(program.sql).event(id);
  await program.sql`update events set created_at = '2026-02-28T23:45:00Z' where merchant_id is not null`;
  const { timestamp } = (await program.call("GET", `/v1/events/${event}`)).json;
  const page = await admin.get("/console/events");
  expect(page.text).toContain(`title="${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)} UTC"`);
  expect(page.text).toContain(`>${localTime(new Date(timestamp), "Africa/Nairobi")}</time>`);
  expect(page.text).toContain("Times of Africa/Nairobi");
  expect(page.text).not.toContain("in UTC<");
  for (const path of ["transactions", "callbacks", "events", "deliveries"]) {
    const { text } = await admin.get(`/console/${path}?created_after=2026-03-01T02:30`);
    expect(text, path).toContain('name="created_after" value="2026-03-01T02:30" type="datetime-local"');
  }
  expect((await admin.get("/console/events?created_after=2026-03-01T02:30")).text).toContain(event);
  expect((await admin.get("/console/events?created_after=2026-03-01T02:50")).text).not.toContain(event);
  const invalid = await admin.get("/console/events?created_after=soon");
  expect(invalid.text).toContain("must be a time");
});
