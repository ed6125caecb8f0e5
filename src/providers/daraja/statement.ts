import type { Kind } from "../../domain/kinds.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { receiptOf, shortTextOf } from "../kit/text.ts";
import type { LineMeaning, LineNature, LineTexts, Preamble, StatementFiles, StatementFormat } from "../statement.ts";
import { partyOf } from "./party.ts";

/** The organisation statement of the M-Pesa portal: with preamble and without, with the old and the new header. */
const organisation: StatementFormat = {
  id: "mpesa-organisation",
  columns: {
    receipt: ["receipt no", "receipt no.", "receipt number", "receipt"],
    completed_at: ["completion time", "completed time", "transaction time"],
    paid_in: ["paid in"],
    withdrawn: ["withdrawn", "withdraw", "paid out"],
    status: ["transaction status", "status"],
    balance: ["balance"],
    type: ["reason type", "transaction type"],
    party: ["other party info", "other party"],
    linked: ["linked transaction id"],
    reference: ["a/c no.", "a/c no", "account no", "account no."],
    details: ["details"],
  },
  preamble: readPreamble,
};

/** Statements of the M-Pesa organisation portal. What its columns become is in MAPPING.md. */
export const statement: StatementFiles = { formats: [organisation], meaning };

function readPreamble(cells: readonly string[], known: Preamble): Preamble {
  const row = cells.filter(cell => cell.trim() !== "").join(" ");
  const receiver = /short\s*code\D{0,20}(\d{4,10})/i.exec(row)?.[1];
  const [, fromText, toText] = /\bfrom\b[:\s]*([\d/.-]+ [\d:]+)\s+to\b[:\s]*([\d/.-]+ [\d:]+)/i.exec(row) ?? [];
  const [from, to] = [readEastAfricaTime(fromText), readEastAfricaTime(toText)];
  const opening = /opening balance\D*?(-?[\d,]+(?:\.\d+)?)/i.exec(row)?.[1];
  const closing = /closing balance\D*?(-?[\d,]+(?:\.\d+)?)/i.exec(row)?.[1];
  return {
    ...known,
    ...(receiver !== undefined && { receiver }),
    ...(from && { from }),
    ...(to && { to }),
    ...(opening !== undefined && { openingBalance: opening }),
    ...(closing !== undefined && { closingBalance: closing }),
  };
}

/**
 * The reason type, or where there is none what `Details` begins with, says what a line is; the party and `Acc.` may
 * stand in `Details` only.
 */
function meaning(texts: LineTexts, comesIn: boolean, country: string): LineMeaning {
  const { details = "", type = "" } = texts;
  // The party and the account are typed by people: "Acc. school fees" is no fee.
  const head = details.replace(/\s*(?:\bfrom\b|\bto\s+[\d*+]|\bacc\.).*$/is, "");
  const nature = natureOf(`${type} | ${head}`, details);
  const party = partyOf(texts.party ?? partyIn(details), country);
  const reference = shortTextOf(texts.reference) ?? shortTextOf(/\bacc\.?\s+(\S.*)$/i.exec(details)?.[1]);
  const reverses = nature === "reversal" ? reversedReceipt(texts) : null;
  return {
    nature,
    kind: nature === "reversal" ? "reversal" : kindOf(`${type} | ${head}`, comesIn, party),
    ...(reference !== null && { reference }),
    ...(reverses !== null && { reverses }),
    ...(party.phone !== undefined && { phone: party.phone }),
    ...(party.phoneMasked !== undefined && { phoneMasked: party.phoneMasked }),
    ...(party.partyName !== undefined && { partyName: party.partyName }),
  };
}

function natureOf(what: string, details: string): LineNature {
  if (/\b(charges?|fees?|tariff)\b/i.test(what)) return "charge";
  if (/revers/i.test(what)) return "reversal";
  const isSweep = /organi[sz]ation settlement account|withdrawal of funds to bank/i;
  return isSweep.test(what) || isSweep.test(details) ? "sweep" : "payment";
}

/** `Pay Bill from 25472****108 - JANE DOE Acc. ORDER-1`. */
function partyIn(details: string): string | undefined {
  return /\b(?:from|to)\s+([+\d*Xx]{6,}\s*(?:-|–)?.*?)(?:\s+acc\.?\s.*)?$/i.exec(details)?.[1];
}

function reversedReceipt({ linked, details = "", receipt }: LineTexts): string | null {
  const own = receiptOf(receipt);
  const named = [linked, ...(details.match(/\b[A-Z0-9]{10}\b/gi) ?? [])].map(receiptOf);
  return named.find(id => id !== null && id !== own && /^(?=.*\d)(?=.*[A-Z])[A-Z0-9]{8,}$/.test(id)) ?? null;
}

const kindsOut: readonly [RegExp, Kind][] = [
  [/business (pay ?bill|buy ?goods)|merchant|organi[sz]ation|b2b/i, "b2b"],
  [/business payment|salary|promotion|b2c|customer/i, "b2c"],
];

/** A line of money in is a C2B payment unless it comes from a business or a bank. */
function kindOf(what: string, comesIn: boolean, party: ReturnType<typeof partyOf>): Kind {
  if (comesIn) return /business|b2b|\bbank\b|deposit|working account/i.test(what) ? "payment" : "c2b";
  const named = kindsOut.find(([words]) => words.test(what))?.[1];
  return named ?? ((party.phone ?? party.phoneMasked) === undefined ? "b2b" : "b2c");
}
