import type { PhoneHasher } from "../../database/installation-key.ts";
import type { Evidence } from "../../domain/evidence.ts";
import type { SettleItem } from "../item.ts";

/** The items with the keyed hash in place of each SHA-256 of a phone: the plain hash is never stored. */
export function keyPhones(items: readonly SettleItem[], phones: PhoneHasher): readonly SettleItem[] {
  if (!items.some(item => item.evidence.some(e => e.phoneSha256 !== undefined))) return items;
  return items.map(item => ({ ...item, evidence: item.evidence.map(e => keyed(e, phones)) }));
}

function keyed({ phoneSha256, ...evidence }: Evidence, phones: PhoneHasher): Evidence {
  if (phoneSha256 === undefined) return evidence;
  return { ...evidence, phoneKey: phones.ofSha256(phoneSha256.toLowerCase()).toString("hex") };
}
