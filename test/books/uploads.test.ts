import { expect, test } from "vitest";
import { csvRow } from "../../src/api/csv.ts";
import { xlsxRows } from "../../src/books/statements/read/xlsx-rows.ts";
import { zipEntries } from "../../src/books/statements/read/zip-entries.ts";
import { adminKey, request } from "../support/hakika.ts";
import { booksBundle } from "./books-bundle.ts";
import { csv, oldStatement, zip } from "./statement-file.ts";

const { bundle, call, shop, confirm, upload, imported, lines, transactions } = booksBundle();

const at = new Date(Date.UTC(2025, 6, 1, 9));
const one = (receipt: string) => ({
  ...{
    receipt,
    at,
    amount: 10_000,
    type: "Pay Bill",
    details: "Pay Bill",
    party: "254700000009 - =JANE",
    reference: "+A1",
  },
});

test("a statement of another short code fails, and nothing of it counts; the same file is imported once it is a receiver", async () => {
  const { connection } = await shop();
  const file = csv(oldStatement({ shortcode: "999000", from: at, to: at, opening: 0, lines: [one("TGAOTHER01")] }));
  const failed = await imported(connection.id, file);
  expect(failed.state).toBe("failed");
  expect(failed.problems[0]).toMatch(/^the statement is of 999000, and this connection's is 600100/);
  expect(await transactions(connection.id)).toEqual([]);
  await call("PATCH", `/v1/connections/${connection.id}`, { settings: { receivers: ["999000"] } });
  const again = await imported(connection.id, file);
  expect(again).toMatchObject({ id: failed.id, state: "imported", counts: { new: 1 } });
});

test("another bank's file is read by named columns, and what cannot be read is named", async () => {
  const { connection } = await shop();
  const columns = encodeURIComponent(
    JSON.stringify({ receipt: "Ref", completed_at: "Date", amount: "Sum", type: "Kind" }),
  );
  const file = [
    "Ref;Date;Sum;Kind",
    "TGBANK0001;01/07/2025 10:00:00;1,250.50;transfer",
    "TGBANK0002;never;10;transfer",
    "TGBANK0003;01/07/2025 10:00:00;ten;transfer",
    ";01/07/2025 10:00:00;5;transfer",
  ].join("\n");
  const statement = await imported(connection.id, file, `&columns=${columns}`);
  expect(statement).toMatchObject({
    state: "imported",
    adds_up: null,
    counts: { new: 1, unreadable: 3 },
    paid_in: "1250.50",
  });
  expect((await lines(statement.id, "unreadable")).map(each => each.problem)).toEqual([
    "the time of completion is missing or cannot be read",
    "the amount cannot be read",
    "the receipt is missing or unusable",
  ]);
});

test("a file that is no statement, an unknown type and unusable columns are refused by name", async () => {
  const { connection } = await shop();
  const failed = await imported(connection.id, "a,b\n1,2\n");
  expect(failed).toMatchObject({ state: "failed", problems: [expect.stringMatching(/no row has the names/)] });
  expect(await imported(connection.id, Buffer.from("PK\u0003\u0004 and nothing"))).toMatchObject({ state: "failed" });
  const url = `${bundle.hakika.url}/v1/statements?connection_id=${connection.id}`;
  const authorization = `Bearer ${adminKey}`;
  expect((await request("POST", url, "{}", { authorization, "content-type": "application/json" })).status).toBe(415);
  for (const columns of ['{"receipt":"A"}', "[]", '{"receipt":"A","completed_at":"B","amount":"C","paid_in":"D"}']) {
    const { status, json } = await upload(connection.id, "x", `&columns=${encodeURIComponent(columns)}`);
    expect([status, json.errors[0].path]).toEqual([422, "columns"]);
  }
  expect((await upload(connection.id, "")).status).toBe(400);
});

test("regression: a file in another encoding, or broken at its end, is refused by name, and no line of it counts", async () => {
  const { connection } = await shop();
  const good = "Receipt No,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance\r\n";
  const line = (receipt: string, details: string) =>
    `${receipt},2025-07-01 09:00:00,${details},Completed,10.00,,10.00\r\n`;
  const latin = Buffer.from(good + line("TGLATIN001", "Pay Bill") + line("TGLATIN002", "Café"), "latin1");
  expect(await imported(connection.id, latin)).toMatchObject({
    state: "failed",
    problems: [expect.stringMatching(/^the file is not UTF-8 text after its first \d+ bytes: save it as CSV in UTF-8/)],
  });
  const huge = good + line("TGHUGE0001", "Pay Bill") + line("TGHUGE0002", "x".repeat(3_000_000));
  expect(await imported(connection.id, huge)).toMatchObject({
    state: "failed",
    problems: ["the file is no CSV (max record size)"],
  });
  expect(await transactions(connection.id)).toEqual([]);
  const utf16 = Buffer.from(`\ufeff${good}${line("TGUTF16001", "Café")}`, "utf16le").swap16();
  expect(await imported(connection.id, utf16)).toMatchObject({ state: "imported", counts: { new: 1 } });
});

test("an archive that inflates beyond its bound, or claims another size than it has, is refused", async () => {
  const bomb = zip({ "xl/worksheets/sheet1.xml": Buffer.alloc(3_000_000, "a") });
  await expect((await zipEntries(bomb)).open("xl/worksheets/sheet1.xml", 1_000_000)).rejects.toThrow("is larger than");
  const liar = zip({ "xl/worksheets/sheet1.xml": Buffer.alloc(3_000_000, "a") }, 10);
  const read = async () => {
    for await (const _ of xlsxRows(liar)) expect.unreachable();
  };
  await expect(read()).rejects.toThrow("damaged");
  const grows = zip({
    "xl/worksheets/sheet1.xml": Buffer.from('<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'),
  });
  await expect(xlsxRows(grows).next()).rejects.toThrow("type declaration");
});

test("a table has nothing that a spreadsheet would run, and the columns that are documented", async () => {
  expect(csvRow(["=1+1", "+1-1", "-a", "@x", "\tx", "\rx", " =1", "＝1", "-5.00", 'a "b", c', null])).toBe(
    `'=1+1,'+1-1,'-a,'@x,'\tx,"'\rx",' =1,'＝1,-5.00,"a ""b"", c",\r\n`,
  );
  const { connection } = await shop();
  await confirm({ connection } as never, { receipt: "TGCSV00001", at, cents: 5_000, reference: "=HYPERLINK(1)" });
  await expect.poll(async () => (await transactions(connection.id)).length, { timeout: 10_000 }).toBe(1);
  const url = `${bundle.hakika.url}/v1/transactions.csv?connection_id=${connection.id}&status=completed`;
  const answer = await request("GET", url, undefined, { authorization: `Bearer ${adminKey}` });
  const [header, row, end] = answer.text.split("\r\n");
  expect(header).toMatch(/^id,connection_id,provider,environment,kind,direction,status,/);
  expect(row).toContain(`,'=HYPERLINK(1),TGCSV00001,50.00,0.00,KES,`);
  expect(end).toBe("");
});
