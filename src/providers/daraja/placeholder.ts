import { receiptOf } from "../kit/text.ts";

/** A receipt, unless it is the placeholder (`NLJ0000000`) that Daraja puts where no money moved. */
export function realReceipt(value: unknown): string | null {
  const receipt = receiptOf(value);
  return receipt === null || /0{7}$/.test(receipt) ? null : receipt;
}
