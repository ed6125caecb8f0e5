/** A float64 keeps every decimal of up to 15 digits; what is longer may come out of JSON.parse as another number. */
const exactDigitsMax = 15;

/**
 * Puts quotes around the numbers of a valid JSON text that have more than 15 digits, so that an id or amount sent as a
 * big number is read with the digits that were sent. Node 20's JSON.parse gives no access to a number's source.
 */
export function quoteLongNumbers(json: string): string {
  let exact = "";
  let copied = 0;
  for (let at = 0; at < json.length; ) {
    const char = json.charCodeAt(at);
    if (char === quote) at = endOfString(json, at);
    else if (char === minus || isDigit(char)) {
      const end = endOfNumber(json, at);
      const number = json.slice(at, end);
      if (number.replace(/[eE].*$/, "").replace(/\D/g, "").length > exactDigitsMax) {
        exact += `${json.slice(copied, at)}"${number}"`;
        copied = end;
      }
      at = end;
    } else at += 1;
  }
  return exact + json.slice(copied);
}

const quote = 34;
const plus = 43;
const minus = 45;
const point = 46;
/** The bit that tells `e` from `E`. */
const lowerCase = 32;
const letterE = 101;
const backslash = 92;

function isDigit(char: number): boolean {
  return char >= 48 && char <= 57;
}

function isPartOfNumber(char: number): boolean {
  return isDigit(char) || char === point || char === minus || char === plus || (char | lowerCase) === letterE;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at + 1;
}

function endOfNumber(json: string, start: number): number {
  let at = start;
  while (at < json.length && isPartOfNumber(json.charCodeAt(at))) at += 1;
  return at;
}
