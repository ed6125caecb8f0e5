import { crc32, deflateRawSync } from "node:zlib";

/** A line as a generated statement has it; amounts in cents, signed. */
export type MadeLine = {
  receipt: string;
  at: Date;
  amount: number;
  type: string;
  details: string;
  party?: string;
  reference?: string;
  linked?: string;
  status?: string;
};

export type MadeStatement = { shortcode: string; from: Date; to: Date; opening: number; lines: MadeLine[] };

const money = (cents: number) => {
  const [whole, fraction] = (Math.abs(cents) / 100).toFixed(2).split(".");
  return `${cents < 0 ? "-" : ""}${whole!.replace(/\B(?=(\d{3})+$)/g, ",")}.${fraction}`;
};

const nairobi = (at: Date, separator: string) => {
  const [date, time] = new Date(at.getTime() + 3 * 3_600_000).toISOString().slice(0, 19).split("T");
  return `${date!.split("-").reverse().join(separator)} ${time}`;
};

/** Oldest first, with the balance after each line. */
function withBalances({ opening, lines }: MadeStatement): (MadeLine & { balance: number })[] {
  let balance = opening;
  return [...lines]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map(line => {
      balance += line.amount;
      return { ...line, balance };
    });
}

const header = [
  ...["Receipt No.", "Completion Time", "Initiation Time", "Details", "Transaction Status", "Paid In", "Withdrawn"],
  ...["Balance", "Balance Confirmed", "Reason Type", "Other Party Info", "Linked Transaction ID", "A/C No."],
];

/** The organisation statement with its preamble, newest line first. */
export function oldStatement(made: MadeStatement): string[][] {
  const lines = withBalances(made);
  const closing = lines.at(-1)?.balance ?? made.opening;
  return [
    ["Account Holder:", "DUKA LTD"],
    ["Short Code:", made.shortcode],
    ["Account:", "Utility Account"],
    ["Time Period:", "From", nairobi(made.from, "-"), "To", nairobi(made.to, "-")],
    ["Opening Balance:", money(made.opening)],
    ["Closing Balance:", money(closing)],
    header,
    ...lines
      .reverse()
      .map(line => [
        ...[line.receipt, nairobi(line.at, "-"), nairobi(line.at, "-"), line.details, line.status ?? "Completed"],
        line.amount > 0 ? money(line.amount) : "",
        line.amount < 0 ? money(line.amount) : "",
        ...[money(line.balance), "true", line.type, line.party ?? "", line.linked ?? "", line.reference ?? ""],
      ]),
  ];
}

/** The newest export: no preamble, party and account inside the details. */
export function newStatement(made: MadeStatement): string[][] {
  const columns = ["Paid In (KSHs)", "Withdrawn (KSHs)", "Balance (KSHs)"];
  return [
    ["Receipt No", "Completion Time", "Details", "Transaction Status", ...columns],
    ...withBalances(made).map(({ receipt, at, amount, details, party, reference, balance }) => [
      ...[receipt, nairobi(at, "/")],
      `${details}${party ? ` from ${party}` : ""}${reference ? ` Acc. ${reference}` : ""}`,
      ...["Completed", money(Math.max(amount, 0)), money(Math.min(amount, 0)), money(balance)],
    ]),
  ];
}

export function csv(rows: string[][]): string {
  return rows.map(cells => cells.map(cell => (/[",]/.test(cell) ? `"${cell}"` : cell)).join(",")).join("\r\n");
}

/** A workbook of one sheet; dates and amounts are texts, as the portal writes them. */
export function xlsx(rows: string[][], options: { shared?: boolean } = {}): Buffer {
  const strings = [...new Set(rows.flat())];
  const position = new Map(strings.map((text, at) => [text, at]));
  const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const cell = (text: string, row: number, column: number) => {
    const at = `${String.fromCharCode(65 + column)}${row + 1}`;
    if (text === "") return "";
    return options.shared === false
      ? `<c r="${at}" t="inlineStr"><is><t>${escaped(text)}</t></is></c>`
      : `<c r="${at}" t="s"><v>${position.get(text)}</v></c>`;
  };
  const sheet = rows.map(
    (cells, row) => `<row r="${row + 1}">${cells.map((text, i) => cell(text, row, i)).join("")}</row>`,
  );
  const xml = (body: string) => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
  return zip({
    "xl/worksheets/sheet1.xml": xml(`<worksheet><sheetData>${sheet.join("")}</sheetData></worksheet>`),
    "xl/sharedStrings.xml": xml(`<sst>${strings.map(text => `<si><t>${escaped(text)}</t></si>`).join("")}</sst>`),
  });
}

/** An archive of these files, deflated. `claimed`: the size that the list says instead of the real one. */
export function zip(files: Record<string, Buffer>, claimed?: number): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const deflated = deflateRawSync(bytes);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(bytes), 0);
    sizes.writeUInt32LE(deflated.length, 4);
    sizes.writeUInt32LE(claimed ?? bytes.length, 8);
    const common = Buffer.concat([Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]), sizes]);
    const nameLength = Buffer.from([name.length, 0, 0, 0]);
    parts.push(Buffer.from("PK\u0003\u0004"), common, nameLength, Buffer.from(name), deflated);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    list.push(Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), common, nameLength, place, Buffer.from(name));
    offset += 4 + common.length + 4 + name.length + deflated.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
