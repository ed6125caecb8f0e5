import type { Evidence } from "../../domain/evidence.ts";
import type { Registration } from "../../domain/transaction.ts";

/**
 * A transaction owns keys within its connection (the table `transaction_keys`): the identity texts of its findings,
 * such as `checkout_request_id:ws_CO_1`, and keys of Hakika's own with the prefixes `question:`, `open:` and
 * `reference:`.
 */

/** Prefixes of keys that are no unique ids: two transactions may claim one, and one transaction may have several. */
const otherPrefixes = ["receipt:", "question:", "open:", "reference:"];

/** Whether a key is an id that only one transaction can have, and of whose name a transaction has only one. */
export function isUniqueId(key: string): boolean {
  return !otherPrefixes.some(prefix => key.startsWith(prefix));
}

/** Whether a key is a receipt, which an STK push shares with its C2B confirmation. */
export function isReceipt(key: string): boolean {
  return key.startsWith("receipt:");
}

export function receiptKey(receipt: string): string {
  return `receipt:${receipt}`;
}

/**
 * The key of a registration without ids of the provider. A later registration with its kind and reference brings them.
 */
export function awaitingIdsKey({ kind, reference }: Pick<Registration, "kind" | "reference">): string | null {
  return reference === null ? null : `open:${kind}:${reference}`;
}

/** The key under which a poll's conversation is stored, so that the deferred answer finds the polled transaction. */
export function conversationKey(identity: string): string {
  return `question:${identity}`;
}

/** The key of evidence that has no id but the merchant's reference. */
export function referenceKey(reference: string): string {
  return `reference:${reference.trim().toLowerCase()}`;
}

/** Whether evidence may be the deferred answer to a poll: it has a conversation's id. */
export function hasConversationId(e: Evidence): boolean {
  return e.identity.some(key => key.startsWith("conversation_id:") || key.startsWith("originator_conversation_id:"));
}

/** Keys in the order in which they are looked up: ids before receipts. */
export function idsBeforeReceipts(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => Number(isReceipt(a)) - Number(isReceipt(b)));
}

/** The names of the unique ids among the keys, e.g. `checkout_request_id`. */
export function uniqueIdNames(keys: Iterable<string>): string[] {
  return [...keys].filter(isUniqueId).map(key => key.slice(0, key.indexOf(":")));
}

/** Whether two sets of keys have unique ids of the same name with different values: they are two transactions. */
export function haveConflictingIds(a: Iterable<string>, b: Iterable<string>): boolean {
  const valuesByName = new Map<string, Set<string>>();
  for (const key of a) {
    if (!isUniqueId(key)) continue;
    const [name, value] = splitKey(key);
    valuesByName.set(name, (valuesByName.get(name) ?? new Set()).add(value));
  }
  for (const key of b) {
    if (!isUniqueId(key)) continue;
    const [name, value] = splitKey(key);
    const values = valuesByName.get(name);
    if (values && !values.has(value)) return true;
  }
  return false;
}

function splitKey(key: string): [name: string, value: string] {
  const at = key.indexOf(":");
  return [key.slice(0, at), key.slice(at + 1)];
}
