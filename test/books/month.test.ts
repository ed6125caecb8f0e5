import { expect, test } from "vitest";
import { booksBundle, type Payment, shortcode } from "./books-bundle.ts";
import { csv, type MadeLine, newStatement, oldStatement, xlsx } from "./statement-file.ts";

const { call, shop, confirm, upload, imported, lines, transactions } = booksBundle();

const at = (day: number, hour: number, minute = 0) => new Date(Date.UTC(2025, 4, day, hour, minute));
const receipt = (n: number) => `TEC${String(n).padStart(4, "0")}XYZ`;
const line = ({ receipt, at, cents, reference }: Payment, more: Partial<MadeLine> = {}): MadeLine => ({
  ...{ receipt, at, amount: cents, type: "Pay Bill", details: "Pay Bill", party: "25472****108 - JANE DOE" },
  ...(reference !== undefined && { reference }),
  ...more,
});

/** A month of 60 payments, two a day, all but those of `lost` confirmed. */
const payments: Payment[] = Array.from({ length: 60 }, (_, n) => ({
  ...{ receipt: receipt(n), at: at(1 + Math.floor(n / 2), 7 + (n % 2) * 6), cents: 10_050 + n * 100 },
  reference: `ORDER-${n}`,
}));
const lost = [11, 42];
const absent = 20;
const changed = 30;
const reversed = 33;
const feeTwice = 40;

/** The statement of that month, with each fault planted once. */
function monthLines(): MadeLine[] {
  const fee = (n: number, minute: number): MadeLine => {
    const { receipt, at: paidAt } = payments[n]!;
    const later = new Date(paidAt.getTime() + minute * 60_000);
    return { receipt, at: later, amount: -500, type: "Pay Bill Charge", details: "Pay Bill Charge" };
  };
  const reversal = `Pay Bill Reversal of ${receipt(reversed)}`;
  return [
    ...payments.flatMap((payment, n) => {
      if (n === absent) return [];
      return [line(payment, n === changed ? { amount: payment.cents + 5_000 } : {})];
    }),
    fee(5, 1),
    fee(feeTwice, 1),
    fee(feeTwice, 2),
    // The order of the last payment, paid a second time; its confirmation got lost.
    line({ receipt: "TECDOUBLE1", at: at(30, 15), cents: payments[59]!.cents, reference: "ORDER-59" }),
    {
      receipt: "TECREVERS1",
      at: at(20, 9),
      amount: -payments[reversed]!.cents,
      type: "Pay Bill Reversal",
      details: reversal,
    },
    {
      ...{
        receipt: "TECSWEEP01",
        at: at(28, 18),
        amount: -400_000,
        type: "Utility to Organization Settlement Account",
      },
      details: "Funds transfer to Organization Settlement Account",
    },
  ];
}

const month = () => ({ shortcode, from: at(1, 0), to: at(31, 20), opening: 1_234_567, lines: monthLines() });
const cents = (text: string) => Math.round(Number(text) * 100);

test("the report of a month names each planted fault and nothing else, and adds up with the totals", async () => {
  const { connection, merchant } = await shop();
  for (const [n, payment] of payments.entries()) {
    if (!lost.includes(n)) await confirm({ connection } as never, payment);
  }
  await merchant.until(events => events.length === 58);

  const statement = await imported(connection.id, csv(oldStatement(month())));
  expect(statement).toMatchObject({
    ...{ state: "imported", problems: [], adds_up: true, opening_balance: "12345.67" },
    period: { from: "2025-05-01T00:00:00.000Z", to: "2025-05-31T20:00:00.000Z" },
    counts: { matched: 57, new: 3, differs: 2, missing: 1, charge: 2, sweep: 1 },
  });
  const told = async (verdict: string) =>
    (await lines(statement.id, verdict)).map(each => [each.receipt, each.problem]).sort();
  expect(await told("new")).toEqual([
    [receipt(11), null],
    [receipt(42), null],
    ["TECDOUBLE1", null],
  ]);
  expect(await told("differs")).toEqual([
    [receipt(changed), "here 130.50, on the statement 180.50"],
    [receipt(feeTwice), expect.stringMatching(/^charged twice: line \d+ has the same receipt$/)],
  ]);
  expect(await told("missing")).toEqual([[receipt(absent), "it is not on the statement"]]);
  expect(await told("sweep")).toEqual([["TECSWEEP01", null]]);

  // What the merchant is told: the lost payments, and the reversal.
  const heard = await merchant.until(events => events.some(event => event.type === "payment.refunded"));
  const of = (ref: string) =>
    heard.filter(({ data }) => data.transaction?.provider_refs.receipt === ref).map(event => event.type);
  for (const n of lost) expect(of(receipt(n))).toEqual(["payment.completed"]);
  expect(of(receipt(reversed))).toEqual(["payment.completed", "payment.refunded"]);
  const made = (await transactions(connection.id, `&provider_ref=${receipt(11)}`))[0];
  expect(made).toMatchObject({ status: "completed", status_source: "statement", kind: "c2b", reference: "ORDER-11" });

  // Statements outrank callbacks: the payment that the statement lacks is all that the totals differ in, to the cent.
  const query = "from=2025-05-01T00:00:00Z&to=2025-06-01T00:00:00Z&group_by=kind";
  const totals = (await call("GET", `/v1/totals?${query}&connection_id=${connection.id}`)).data;
  const [c2b, reversal] = ["c2b", "reversal"].map(kind => totals.find((row: { kind: string }) => row.kind === kind));
  expect(cents(c2b.amount)).toBe(cents(statement.paid_in) + payments[absent]!.cents);
  // One of the two charges of a payment is in the fees; the other is the fault.
  expect(cents(c2b.fees) + cents(reversal.amount) + 400_000 + 500).toBe(cents(statement.withdrawn));
});

test("the same month in any form and any order ends the same, and the same bytes are the same statement", async () => {
  const rowsOf = [oldStatement(month()), newStatement(month())];
  const ends: unknown[] = [];
  for (const files of [
    [csv(rowsOf[0]!), xlsx(rowsOf[1]!)],
    [xlsx(rowsOf[1]!, { shared: false }), csv(rowsOf[0]!)],
    [csv(rowsOf[1]!), xlsx(rowsOf[0]!)],
  ]) {
    const { connection } = await shop();
    const first = await imported(connection.id, files[0]!);
    const again = await upload(connection.id, files[0]!);
    expect(again.json).toEqual({ id: first.id, state: "imported" });
    const second = await imported(connection.id, files[1]!);
    expect(first.counts.new).toBe(60);
    // All is known by now; only what contradicts the statement itself is left.
    expect(second.counts).toEqual({ matched: 61, charge: 2, differs: 1, sweep: 1 });
    const rows = await transactions(connection.id);
    ends.push(
      rows
        .map(t => [t.provider_refs.receipt, t.kind, t.status, t.amount, t.refunded_amount, t.reference, t.review])
        .sort(),
    );
  }
  expect(ends[1]).toEqual(ends[0]);
  expect(ends[2]).toEqual(ends[0]);
});
