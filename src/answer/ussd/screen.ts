import type { UssdSettings } from "../../connections/ussd-settings.ts";
import { plainGsm, ussdChars } from "../../domain/gsm.ts";
import { ussdUnavailable } from "../../providers/kit/ussd-input.ts";
import type { HopAnswer } from "./hop.ts";

/** A message as a phone shows it: `text` with `CON ` or `END ` before it, `characters` without. */
export type Screen = { text: string; characters: number };

/** The screen of a message, in plain GSM characters. A problem where no character is left, or more than 182. */
export function screenOf(message: string, end: boolean): { ok: true; screen: Screen } | { ok: false; problem: string } {
  const text = plainGsm(message);
  if (text === "") return { ok: false, problem: "the message has no characters that a phone shows" };
  if (text.length > ussdChars.max) {
    return { ok: false, problem: `the message has ${text.length} characters; at most ${ussdChars.max} are shown` };
  }
  return { ok: true, screen: { text: `${end ? "END" : "CON"} ${text}`, characters: text.length } };
}

/** The `END` of the connection's settings, or the general one. `problem`: why the fallback answers. */
export function fallbackAnswer(settings: UssdSettings | undefined, problem: string): HopAnswer {
  const own = settings?.fallback === undefined ? null : screenOf(settings.fallback.slice("END ".length), true);
  return { text: own?.ok ? own.screen.text : ussdUnavailable, by: "fallback", warning: problem };
}
