// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Escapes characters that are invisible or change the direction of the text: U+202E is shown as `\u202e`. */
export function visibleText(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(invisible, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
