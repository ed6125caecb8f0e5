import type { PhoneHasher } from "../../database/installation-key.ts";

/** The keyed hash of a phone in E.164 or an account, in hex; null where there is none. */
export function recipientHash(recipient: string | null, phones: PhoneHasher): string | null {
  if (recipient === null) return null;
  const isPhone = /^\+\d+$/.test(recipient);
  return (isPhone ? phones.ofPhone(recipient) : phones.ofAccount(recipient)).toString("hex");
}
