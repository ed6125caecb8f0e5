import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { c2bPaid, pushRefs, settleBundle } from "../support/settle-bundle.ts";

const { sql, settle, settleAll, says, registers, remaining } = settleBundle();

const phone = "+254700000001";
const phoneSha256 = createHash("sha256").update("254700000001").digest("hex");
const hashed = (receipt: string) => says(c2bPaid(receipt, { phoneSha256 }));

test("a hashed number becomes the registered one, whichever comes first", async () => {
  for (const inOneBatch of [true, false]) {
    for (const isHashFirst of [true, false]) {
      const n = Number(inOneBatch) * 2 + Number(isHashFirst);
      const items = [hashed(`TJI${n}`), registers({ refs: pushRefs(n), phone })];
      await settleAll(isHashFirst ? items : items.toReversed(), inOneBatch);
      const payment = (await remaining()).find(t => t.refs.receipt === `TJI${n}`);
      expect(payment).toMatchObject({ phone, status: "completed", registered: false });
    }
  }
});

test("the plain hash of a number is stored nowhere", async () => {
  await settle(hashed("TJI1"));
  const { vault } = sql();
  const rows = await sql()<{ id: string; sealed: Buffer }[]>`select id, sealed from evidence`;
  const text = rows.map(({ id, sealed }) => vault.open("evidence", id, sealed).toString()).join();
  expect(text).toContain("TJI1");
  expect(text).not.toContain(phoneSha256);
  expect(text).toContain("phoneKey");
});

test("a masked number is shown as it came", async () => {
  await settle(says(c2bPaid("TJI1", { phoneMasked: "2547 ***** 126" })));
  expect(await remaining()).toMatchObject([{ phone: null, phoneMasked: "2547 ***** 126" }]);
});
