import { parsePhone } from "../../domain/phone.ts";

/** Countries whose providers and phones this program meets (ISO 3166), most likely first. */
const countries = ["KE", "TZ", "UG", "RW", "NG", "GH", "ZM", "MW", "ZA", "CM", "CI", "SN", "ET", "CD", "MZ", "BJ"];

/** The numbers in E.164 that a text may mean. A local form is read as one of every country where it is valid. */
export function phonesOf(text: string): string[] {
  if (text.replace(/\D/g, "").length < 7) return [];
  const numbers = countries.flatMap(country => parsePhone(text, country) ?? []);
  return [...new Set(numbers)];
}
