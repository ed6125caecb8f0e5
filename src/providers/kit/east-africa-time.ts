import { timeReader } from "../../domain/time.ts";

/** East Africa Time is three hours ahead of UTC all year; Kenya has had no daylight saving since 1960. */
const offsetMinutes = 180;

/**
 * Every form in which the Kenyan providers print dates (see their MAPPING pages): digits alone (Daraja, Kyanda), ISO
 * 8601 with a space or a T (Codian, Daraja, Africa's Talking), day first (Daraja's results), day first with am or pm
 * (Kyanda).
 */
export const eastAfricaFormats = [
  "yyyyMMddHHmmss",
  "yyyy-MM-dd HH:mm[:ss[.SSS]][ ][XX]",
  "yyyy-MM-ddTHH:mm[:ss[.SSS]][ ][XX]",
  ...["dd.MM.yyyy", "dd-MM-yyyy", "dd/MM/yyyy"].flatMap(date => [
    `${date} H:mm[:ss]`,
    `${date} H:mm[:ss][ ]a`,
    `${date} H.mm[.ss][ ]a`,
  ]),
] as const;

/** The instant of a date in one of these forms, in East Africa Time unless it names an offset. */
export const readEastAfricaTime = timeReader(eastAfricaFormats, offsetMinutes);

/** `yyyy-MM-dd HH:mm:ss` in East Africa Time, as Kenyan providers write it. */
export function eastAfricaTime(at: Date): string {
  return new Date(at.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19).replace("T", " ");
}

/** `yyyyMMddHHmmss` in East Africa Time. */
export function eastAfricaDigits(at: Date): string {
  return eastAfricaTime(at).replace(/\D/g, "");
}
