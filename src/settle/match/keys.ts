import type { Evidence } from "../../domain/evidence.ts";
import type { Registration } from "../../domain/transaction.ts";
import { isReceipt } from "./group.ts";

/**
 * Key of a registration that has no provider id yet: a later one with the same kind and reference brings it. Freed when it does.
 */
export function awaitingIdsKey(registration: Pick<Registration, "kind" | "reference">): string | null {
  return registration.reference === null ? null : `open:${registration.kind}:${registration.reference}`;
}

/** Key under which a question to the provider is remembered, so that its answer finds the transaction it was asked about. */
export function questionKey(identity: string): string {
  return `question:${identity}`;
}

/** Key of evidence that carries no id but the merchant's reference. */
export function referenceKey(reference: string): string {
  return `reference:${reference.trim().toLowerCase()}`;
}

/** Identity texts in a fixed order, ids before receipts. */
export function lookUpKeys(identity: string[]): string[] {
  return [...identity].sort((a, b) => Number(isReceipt(a)) - Number(isReceipt(b)));
}

/** Whether evidence may be the answer to a question: it came under a conversation's ids. */
export function mayAnswer(e: Evidence): boolean {
  return e.identity.some(key => key.startsWith("conversation_id:") || key.startsWith("originator_conversation_id:"));
}
