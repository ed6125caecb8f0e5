/** Words of one text at most: a body of noise fills no index. */
const wordsMax = 50;
/** From the shortest receipt of a provider to the longest (Kyanda's transaction references have 20 characters). */
const wordChars = { min: 8, max: 24 } as const;

/**
 * The words of a text that look like receipts, in capitals: letters and digits mixed. A phone number has no letter, and
 * so is never among them.
 */
export function receiptWords(text: string): string[] {
  const words = new Set<string>();
  for (const [word] of text.matchAll(/[A-Za-z0-9]+/g)) {
    if (!looksLikeReceipt(word)) continue;
    words.add(word.toUpperCase());
    if (words.size === wordsMax) break;
  }
  return [...words];
}

/** Whether one word looks like a receipt. */
export function looksLikeReceipt(word: string): boolean {
  const { min, max } = wordChars;
  return (
    word.length >= min && word.length <= max && /^[A-Za-z0-9]+$/.test(word) && /[A-Za-z]/.test(word) && /\d/.test(word)
  );
}
