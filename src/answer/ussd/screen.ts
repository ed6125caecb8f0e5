import { plainGsm, ussdChars } from "../../domain/gsm.ts";

/** A subscriber's next screen. `characters` counts what is shown, without `CON ` or `END `. */
export type Screen = { text: string; end: boolean; characters: number };

/** The screen of a message in plain GSM characters; a problem where nothing is left of it, or more than 182 characters. */
export function screenOf(message: string, end: boolean): { ok: true; screen: Screen } | { ok: false; problem: string } {
  const text = plainGsm(message);
  if (text === "") return { ok: false, problem: "the message has no characters that a phone shows" };
  if (text.length > ussdChars.max) {
    return { ok: false, problem: `the message has ${text.length} characters; at most ${ussdChars.max} are shown` };
  }
  return { ok: true, screen: { text: `${end ? "END" : "CON"} ${text}`, end, characters: text.length } };
}
