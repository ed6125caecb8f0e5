/**
 * Characters that a network shows of one USSD message: Safaricom 160, others 182 (Africa's Talking's documentation).
 */
export const ussdChars = { safaricom: 160, max: 182 } as const;

/** The basic character set of GSM 03.38 (3GPP TS 23.038, section 6.2.1), without carriage return and escape. */
const basic = new Set(
  "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);

/**
 * Plain forms that Unicode's NFKD lacks. Characters of GSM's extension table ([, €) are here too: some handsets lack
 * it.
 */
const plainForms: Readonly<Record<string, string>> = {
  "\t": " ",
  "‘": "'",
  "’": "'",
  "‚": "'",
  "′": "'",
  "`": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "‐": "-",
  "‑": "-",
  "–": "-",
  "—": "-",
  "−": "-",
  "~": "-",
  "•": "-",
  "·": "-",
  "…": "...",
  "×": "x",
  "÷": "/",
  "[": "(",
  "]": ")",
  "{": "(",
  "}": ")",
  "\\": "/",
  "|": "/",
  "€": "EUR",
  "₦": "N",
  "₵": "GHS",
  "©": "(c)",
  "®": "(R)",
  "°": "o",
  ı: "i",
  ł: "l",
  Ł: "L",
  đ: "d",
  Đ: "D",
  œ: "oe",
  Œ: "OE",
};

/**
 * The text in characters that every handset shows: a character with a plain form takes it (`Ê` becomes `E`, `’` becomes
 * `'`), any other is dropped. White space at the end of lines and of the text is dropped too.
 */
export function plainGsm(text: string): string {
  return [...text.replace(/\r\n?/g, "\n")].map(plain).join("").replace(/ +$/gm, "").trim();
}

function plain(char: string): string {
  if (basic.has(char)) return char;
  const form = plainForms[char];
  if (form !== undefined) return form;
  return [...char.normalize("NFKD")].filter(part => basic.has(part)).join("");
}
