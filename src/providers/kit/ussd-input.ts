import { parsePhone } from "../../domain/phone.ts";
import type { DecisionReading, UssdInput } from "../decision.ts";
import { countryOf, type Settings } from "./country.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { keyOf } from "./key.ts";
import { collectProblems } from "./problems.ts";
import { idOf, shortTextOf } from "./text.ts";

/** Both gateways' home, where the connection names no country. */
const country = "KE";

/** A session of 20 screens with 40 characters typed at each; more is never typed. */
const typedCharsMax = 1000;

/** How both gateways' documents say that something is not available, for where no merchant answers. */
export const ussdUnavailable = "END The service is not available at the moment. Please try again later.";

/**
 * Reads what Kyanda and Africa's Talking both send: `sessionId`, `phoneNumber`, `networkCode`, `serviceCode`, `text`.
 * Letter case of the names does not matter. A `+` that a form turned into a space is put back (parsePhone). `text` may
 * be missing: then it is the first screen.
 */
export function readUssdInput(
  body: Record<string, unknown>,
  connection: Settings = { settings: {} },
  typedOf: (text: string, serviceCode: string | null) => string = text => text,
): DecisionReading<UssdInput> {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const sessionId = problems.id("sessionId", field("sessionId"));
  problems.text("phoneNumber", field("phoneNumber"));
  const serviceCode = shortTextOf(field("serviceCode"));
  const text = textIn(field);
  if (text === null) problems.add("text", `not a text of at most ${typedCharsMax} characters`);
  const found = problems.found();
  if (found) return found;
  const phone = parsePhone(field("phoneNumber"), countryOf(connection, country));
  const networkCode = shortTextOf(field("networkCode"));
  return {
    kind: "question",
    question: { sessionId, phone, serviceCode, networkCode, text: typedOf(text!, serviceCode) },
  };
}

/** Whether a body has the fields of a screen: session, phone, and what was typed, which is empty at first. */
export function isUssdInput(body: Record<string, unknown>): boolean {
  const field = fieldsOf(body);
  const isDialled = field("serviceCode") !== undefined || Object.keys(body).some(key => key.toLowerCase() === "text");
  return isDialled && ["sessionId", "phoneNumber"].every(name => field(name) !== undefined);
}

/** Session and text name a screen: no gateway numbers its turns, and what was typed only grows. */
export function ussdKey(screen: DecisionReading<UssdInput>): string | null {
  return screen.kind === "question" ? keyOf(idOf(screen.question.sessionId), screen.question.text) : null;
}

function textIn(field: Fields): string | null {
  const value = field("text") ?? "";
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || text.length > typedCharsMax) return null;
  // What PostgreSQL refuses: no phone can type it.
  return text.replace(/[\p{Control}\p{Surrogate}]/gu, "").trim();
}
