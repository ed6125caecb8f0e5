import type { WrittenBatch } from "./apply/write-changes.ts";
import type { SettleItem } from "./item.ts";
import { sameReferenceItems } from "./match/same-reference-items.ts";
import { phoneItems } from "./phones/phone-items.ts";
import { refundItems } from "./refunds/refund-items.ts";

/** What follows from a batch for other transactions, as items to settle next in the same database transaction. */
export async function followingItems(written: WrittenBatch): Promise<SettleItem[]> {
  const [refunds, phones] = await Promise.all([refundItems(written), phoneItems(written)]);
  return [...refunds, ...phones, ...sameReferenceItems(written)];
}
