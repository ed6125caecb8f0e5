/**
 * Control characters but newline and tab, and those that change the direction of text: a terminal obeys them, and a
 * payer chooses what a name or a reference has.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text that a terminal shows and does not obey: such a character becomes `\u001b`, as JSON writes it too. */
export function visible(text: string): string {
  return text.replace(obeyed, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
