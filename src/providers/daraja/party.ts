import { parsePhone } from "../../domain/phone.ts";
import { shortTextOf } from "../kit/text.ts";

/**
 * Splits a party's public name, `254708374149 - Jane Doe` or `600310– A Company`. The name is what follows the dash;
 * the phone is absent where it is masked or the party is a shortcode.
 */
export function partyOf(publicName: unknown): { phone?: string; partyName?: string } {
  const text = shortTextOf(publicName);
  if (text === null) return {};
  const dash = /\s+-\s+|\s*–\s*/.exec(text);
  const number = dash ? text.slice(0, dash.index) : text;
  // A seven-digit shortcode could pass for a landline; mobile numbers have nine digits and more.
  const phone = /\d{9}/.test(number) ? parsePhone(number) : null;
  const partyName = dash ? text.slice(dash.index + dash[0].length) : "";
  return { ...(phone !== null && { phone }), ...(partyName !== "" && { partyName }) };
}
