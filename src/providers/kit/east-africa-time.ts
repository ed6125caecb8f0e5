/** East Africa Time is three hours ahead of UTC all year. */
const offsetMs = 3 * 60 * 60 * 1000;

/** `yyyy-MM-dd HH:mm:ss` in East Africa Time, as Kenyan providers write it. */
export function eastAfricaTime(at: Date): string {
  return new Date(at.getTime() + offsetMs).toISOString().slice(0, 19).replace("T", " ");
}

/** `yyyyMMddHHmmss` in East Africa Time. */
export function eastAfricaDigits(at: Date): string {
  return eastAfricaTime(at).replace(/\D/g, "");
}
