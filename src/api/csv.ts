/**
 * A row of CSV (RFC 4180). A spreadsheet would run a text that begins with `=`, `+`, `-` or `@`, in their full width
 * too and after blanks, as a formula: an apostrophe before it makes it text. Numbers stay numbers.
 */
export function csvRow(cells: readonly (string | null)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: string | null): string {
  if (value === null) return "";
  const isNumber = /^-?\d+(\.\d+)?$/.test(value);
  const text = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/.test(value) && !isNumber ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
