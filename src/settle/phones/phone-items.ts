import type { Evidence } from "../../domain/evidence.ts";
import type { TransactionChange } from "../apply/transaction-change.ts";
import type { WrittenBatch } from "../apply/write-changes.ts";
import { type SettleItem, settleItem } from "../item.ts";
import { ownEvidence } from "../own-evidence.ts";
import { phonesOfKeys, transactionsOfPhones } from "./phone-store.ts";

/**
 * Phones for payments whose provider sent only the SHA-256 of the number, whichever comes first: the payment, or the
 * registration of the same merchant with that number. Two look-ups, only where a batch has such a payment, or registers
 * a phone for the first time.
 */
export async function phoneItems({ tx, shard, deps, changes, now }: WrittenBatch): Promise<SettleItem[]> {
  const hashed = changes.filter(hasNewKey);
  const registering = changes.filter(registersPhone);
  const keys = registering.map(({ after }) => ({
    merchantId: after.merchantId,
    key: deps.phones.ofPhone(after.registration!.phone!).toString("hex"),
    phone: after.registration!.phone!,
  }));
  const [known, waiting] = await Promise.all([
    phonesOfKeys(
      tx,
      shard,
      hashed.map(({ after }) => ({ merchantId: after.merchantId, key: after.phoneKey! })),
    ),
    transactionsOfPhones(tx, shard, keys),
  ]);
  return [
    ...hashed.flatMap(change => {
      const { merchantId, phoneKey, id } = change.after;
      const phone = known.find(k => k.merchantId === merchantId && k.key === phoneKey)?.phone;
      return phone === undefined ? [] : [phoneItem(change, id, phone, now)];
    }),
    ...waiting.map(({ id, position }) => phoneItem(registering[position]!, id, keys[position]!.phone, now)),
  ];
}

function hasNewKey({ update, after }: TransactionChange): boolean {
  return after.phone === null && after.phoneKey !== null && after.phoneKey !== update.before.phoneKey;
}

function registersPhone({ update, after }: TransactionChange): boolean {
  const phone = after.registration?.phone ?? null;
  return phone !== null && phone !== update.before.registration?.phone;
}

/** Evidence that a transaction's number is a registered one. A hint that settles nothing. */
function phoneItem(
  { update: { connection } }: TransactionChange,
  target: string,
  phone: string,
  now: Date,
): SettleItem {
  const origin = `registered phone|${target}|${phone}`;
  const evidence: Evidence = { ...ownEvidence(origin, "c2b", now), source: "registration", phone };
  return settleItem(connection, { target, evidence: [evidence] });
}
