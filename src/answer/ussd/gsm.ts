/** The basic character set of GSM 03.38 (3GPP TS 23.038, section 6.2.1), without carriage return and escape. */
const basic = new Set(
  "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);

/** What has a plain form that Unicode does not know of. The extension table's own ([, €) are here too: some handsets lack it. */
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
 * A text that every handset shows: what has a plain form is written in it (`Ê` as `E`, `’` as `'`), the rest is left out. White space
 * at the end of lines and of the text goes too.
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
