import { expect, test } from "vitest";
import { readableMoney, readablePhone, readableTime } from "../../src/cli/readable.ts";
import { factsOf, tableOf } from "../../src/cli/table.ts";
import { visible } from "../../src/cli/visible.ts";

test("columns are aligned, numbers to the right, an empty cell is a dash, and there are no colour codes", () => {
  const rows = [
    { name: "a", count: 1 },
    { name: "longer", count: null },
    { name: "b", count: 100 },
  ];
  const table = tableOf(rows, [
    { heading: "NAME", of: r => r.name },
    { heading: "N", of: r => r.count, right: true },
  ]);
  expect(table).toBe("NAME      N\na         1\nlonger    -\nb       100");
  expect(tableOf([], [{ heading: "NAME", of: () => "" }], "none yet")).toBe("(none yet)");
});

test("facts leave out empty values", () => {
  expect(factsOf({ id: "x", phone: null, reference: "A\nB" })).toBe("id         x\nreference  A\n           B");
});

test("regression: what a terminal would obey is shown escaped, in tables, facts and JSON", () => {
  const name = "\u001b[2J\u001b[31mEVIL \u009d0;\u202eKES\r\u0007";
  const shown = "\\u001b[2J\\u001b[31mEVIL \\u009d0;\\u202eKES\\u000d\\u0007";
  expect(factsOf({ party: name })).toBe(`party  ${shown}`);
  const columns = [{ heading: "PARTY", of: (row: { name: string }) => row.name }];
  expect(tableOf([{ name: `${name}\nROW` }], columns)).toBe(`PARTY\n${shown}\\nROW`);
  const json = visible(JSON.stringify({ name }));
  expect(json).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(json)).toEqual({ name });
  expect(visible("Wanjirũ\tMuthoni\nKES 1,000.00 ✓")).toBe("Wanjirũ\tMuthoni\nKES 1,000.00 ✓");
});

test("money and times are formatted for people, and phones masked", () => {
  expect(readableMoney({ amount: "1234567.50", currency: "KES" })).toBe("KES 1,234,567.50");
  expect(readableMoney({ amount: "1500", currency: "UGX" })).toBe("UGX 1,500");
  expect(readableMoney({ amount: null, currency: null })).toBeNull();
  expect(readableTime("2026-11-20T08:00:01.234Z")).toBe("2026-11-20 08:00:01");
  expect(readablePhone("+254711330021")).toBe("+2547*****021");
});
