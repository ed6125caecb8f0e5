import { afterEach, beforeEach, expect, test } from "vitest";
import { checkAudit } from "../../src/cli/doctor/check-audit.ts";
import { insertHeads, onQueryable } from "../../src/database/audit/append-store.ts";
import { auditKeyName, installationKey } from "../../src/database/installation-key.ts";
import { parseId, shardCount } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
/** Ids of one merchant's entries, oldest first. */
let entries: string[];

beforeEach(async () => {
  api = await startApi();
  const { sql, deps } = api;
  deps.auditKey = await installationKey(sql, deps.box, auditKeyName);
  await insertHeads(onQueryable(sql), deps.auditKey, [...Array(shardCount).keys()]);
  const merchant = await api.newMerchant();
  for (const name of ["a", "b", "c"]) await api.call("PATCH", `/v1/merchants/${merchant.id}`, { body: { name } });
  const { data } = (await api.call("GET", `/v1/audit?merchant_id=${merchant.id}`)).json;
  entries = data.map(({ id }: Json) => id).reverse();
});
afterEach(() => api.close());

const uuid = (at: number) => parseId("audit", entries.at(at)!)!;
const problems = async () => (await checkAudit(api.sql, api.deps.box)).findings.map(({ what }) => what);

test("untouched entries follow from one another, those of many at once too", async () => {
  await api.newMerchant("Other");
  const made = Array.from({ length: 20 }, () =>
    api.call("POST", "/v1/operators", { body: { name: "A", role: "viewer" } }),
  );
  expect((await Promise.all(made)).every(({ status }) => status === 201)).toBe(true);
  expect(await checkAudit(api.sql, api.deps.box)).toEqual({ findings: [], entries: 5 + 2 + 20 });
});

test.each(["after", "before", "actor", "actor_address", "action", "created_at", "merchant_id"])(
  "regression: a changed %s is found, and the first changed entry named",
  async column => {
    const values: Record<string, string> = {
      after: `'{"name": "x"}'`,
      before: `'{"name": "x"}'`,
      created_at: "created_at - interval '1 ms'",
      merchant_id: "null",
    };
    await api.sql.unsafe(`update audit set ${column} = ${values[column] ?? "'x'"} where id in ($1, $2)`, [
      uuid(2),
      uuid(3),
    ]);
    expect(await problems()).toEqual([`audit entry ${entries[2]} was changed`]);
  },
);

test.each([
  [0, "at the beginning of its chain"],
  [2, "after"],
  [-1, "after"],
])("regression: a removed entry is found and named: %i", async (at, where) => {
  await api.sql`delete from audit where id = ${uuid(at)}`;
  expect(await problems()).toEqual([expect.stringMatching(`^audit entry ${entries.at(at)} was removed, ${where}`)]);
});

test("entries cut off at the end are found, although the end of the chain was put back too", async () => {
  const [before] = await api.sql`select sequence, last_id, hash from audit_heads where last_id = ${uuid(-1)}`;
  await api.sql`delete from audit where id in (${uuid(-1)}, ${uuid(-2)})`;
  expect(await problems()).toEqual([expect.stringContaining(`2 audit entries were removed after ${entries.at(-3)}`)]);
  await api.sql`
    update audit_heads h set sequence = a.sequence, last_id = a.id, hash = a.hash from audit a
    where a.id = ${uuid(-3)} and h.shard = a.shard and h.last_id = ${before!.last_id}`;
  expect(await problems()).toEqual([expect.stringContaining("the end of the audit's chain of shard")]);
});

test("a whole chain that was removed with its end is missed", async () => {
  await api.sql`delete from audit where id = any(${entries.map(id => parseId("audit", id)!)}::uuid[])`;
  await api.sql`delete from audit_heads where last_id = ${uuid(-1)}`;
  expect(await problems()).toEqual([expect.stringMatching(/the end of the audit's chain of shard \d+ was removed/)]);
});

test("an entry that the program did not write is found", async () => {
  const forged = uuid(-1).replace(/.$/, digit => (digit === "0" ? "1" : "0"));
  await api.sql`
    insert into audit (shard, id, merchant_id, actor, action, subject, detail, created_at)
    select shard, ${forged}, merchant_id, 'admin', 'forged', 'x', '{}', now() from audit where id = ${uuid(0)}`;
  expect(await problems()).toEqual([expect.stringContaining("is in no chain")]);
});

test("entries from before the chain stay, outside of it", async () => {
  await api.sql`
    insert into audit (shard, id, actor, action, subject, detail, created_at)
    select shard, '01900000-0000-7000-8000-000000000000', 'key_0', 'endpoint.deleted', 'x', '{"fields": []}', now()
    from audit where id = ${uuid(0)}`;
  expect(await problems()).toEqual([]);
  const { data } = (await api.call("GET", "/v1/audit?action=endpoint.deleted")).json;
  expect(data[0]).toMatchObject({ actor: { kind: "key", id: "key_0" }, before: null, after: { fields: [] } });
});
