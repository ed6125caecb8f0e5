import { type ShownPhone, shownPhone } from "../kit/shown-phone.ts";
import { shortTextOf } from "../kit/text.ts";

/**
 * Splits a party's public name, `254708374149 - Jane Doe` or `600310– A Company`. The name is what follows the dash;
 * a shortcode is no phone.
 */
export function partyOf(publicName: unknown, country: string): ShownPhone & { partyName?: string } {
  const text = shortTextOf(publicName);
  if (text === null) return {};
  const dash = /\s+-\s+|\s*–\s*/.exec(text);
  const number = dash ? text.slice(0, dash.index) : text;
  // A seven-digit shortcode could pass for a landline; mobile numbers have nine digits and more.
  const isShortcode = /^\d{1,8}$/.test(number.trim());
  const partyName = dash ? text.slice(dash.index + dash[0].length) : "";
  return { ...(!isShortcode && shownPhone(number, country)), ...(partyName !== "" && { partyName }) };
}
