import { createHash } from "node:crypto";
import { subscriberHash } from "../answer/ussd/sealed-hop.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import type { Vault } from "../database/vault/vault.ts";
import { phonePattern } from "../domain/phone.ts";

/** What a person is found by. */
export type DataSubject = {
  /** E.164. */
  phone: string;
  /** Keyed hashes of transactions: as they are made now, and as they were before version 2. */
  hashes: Buffer[];
  /** Keyed hash, in hex, of USSD sessions. */
  subscriber: string;
  /** Whether a text has the number, in any form, or its plain SHA-256. */
  isNamedIn(text: string): boolean;
  /** The text with the number taken out. */
  without(text: string): string;
};

/** What stands where a number was taken out of a text. */
const erasedText = "[erased]";

/** The person with this number. */
export function personOf(phone: string, phones: PhoneHasher, vault: Vault): DataSubject {
  const pattern = phonePattern(phone);
  const sha256 = createHash("sha256").update(phone.replaceAll(/\D/g, "")).digest("hex");
  return {
    phone,
    hashes: [phones.ofPhone(phone), phones.ofPhoneBefore(phone)],
    subscriber: subscriberHash(phone, vault),
    isNamedIn: text => text.search(pattern) !== -1 || text.toLowerCase().includes(sha256),
    without: text => text.replaceAll(pattern, erasedText),
  };
}
