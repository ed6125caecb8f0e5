import { afterAll, beforeAll, expect, test } from "vitest";
import { claimImport, failImport } from "../../src/books/statements/claim-store.ts";
import { type ImportDeps, importStatement } from "../../src/books/statements/import-statement.ts";
import { UnreadableFile } from "../../src/books/statements/read/rows.ts";
import { uploadStatement } from "../../src/books/statements/upload.ts";
import { parseId, shardOf } from "../../src/domain/ids.ts";
import { startApi, type TestApi } from "../api/harness.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { csv, newStatement } from "./statement-file.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const lines = Array.from({ length: 1_200 }, (_, n) => ({
  ...{
    receipt: `TFA${String(n).padStart(5, "0")}QZ`,
    at: new Date(Date.UTC(2025, 5, 1) + n * 60_000),
    amount: 5_000 + n,
  },
  ...{ type: "", details: "Pay Bill", party: "25472****108 - JANE DOE", reference: `A-${n}` },
}));
const file = csv(newStatement({ shortcode: "", from: new Date(), to: new Date(), opening: 100_000, lines }));

async function* inPieces(text: string) {
  for (let at = 0; at < text.length; at += 10_000) yield Buffer.from(text.slice(at, at + 10_000));
}

test("an import that is interrupted goes on elsewhere, with the verdicts of the first time and the sums of the whole", async () => {
  const merchant = await api.newMerchant();
  const body = { merchant_id: merchant.id, provider: "daraja", environment: "sandbox" };
  const { id } = (await api.call("POST", "/v1/connections", { body })).json;
  const connectionId = parseId("connection", id)!;
  const shard = shardOf(connectionId);
  const { sql, box, directory, providers, settler } = api.deps;
  const account = { shard, id: connectionId, merchantId: parseId("merchant", merchant.id)! };
  await uploadStatement({ sql, box }, account, null, inPieces(file));
  // Nothing of a payer is readable in the kept file.
  expect(JSON.stringify(await sql`select * from statement_parts`)).not.toMatch(/JANE|TFA00001QZ/);

  const deps: ImportDeps = {
    ...{ sql, box, directory, providers, settler, log: silentLog, telemetry: silentTelemetry, now: () => new Date() },
  };
  let settled = 0;
  const breaking: ImportDeps = {
    ...deps,
    settler: {
      async settle(...item) {
        settled += 1;
        if (settled > 700) throw Object.assign(new Error("the process stops"), { name: "AbortError" });
        return await settler.settle(...item);
      },
    },
  };
  const first = (await claimImport(sql, shard))!;
  await expect(importStatement(breaking, first)).rejects.toThrow("the process stops");
  expect(await claimImport(sql, shard)).toBeNull();
  await sql`update statements set due_at = now()`;
  const second = (await claimImport(sql, shard))!;
  expect(second.settledRows).toBe(500);
  expect(await importStatement(deps, second)).toMatchObject({ kind: "imported", counts: { new: 1_200 }, addsUp: true });
  // The one that hung finds no file any more, and changes nothing.
  await expect(importStatement(deps, first)).rejects.toThrow(UnreadableFile);
  expect(await failImport(sql, first, ["it came too late"])).toBe(false);

  const statement = (await api.call("GET", "/v1/statements")).json.data[0];
  const paidIn = lines.reduce((sum, { amount }) => sum + amount, 0);
  expect(statement).toMatchObject({ state: "imported", paid_in: (paidIn / 100).toFixed(2), lines_done: 1_200 });
  expect(await sql`select part from statement_parts`).toEqual([]);
  expect(await sql`select count(*)::int4 as count from transactions`).toEqual([{ count: 1_200 }]);
});
