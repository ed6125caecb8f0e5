// Not the code of the providers' folders: a simulator that shared it would share its mistakes.
const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Africa/Nairobi",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** `yyyyMMddHHmmss` on a clock in Nairobi. */
export function nairobiDigits(at: Date): string {
  const part = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.year}${part.month}${part.day}${part.hour}${part.minute}${part.second}`;
}

/** The instant of `yyyy-MM-dd HH:mm:ss` on a clock in Nairobi. */
export function fromNairobi(text: string): Date {
  return new Date(`${text.replace(" ", "T")}+03:00`);
}
