import { idOf } from "../kit/text.ts";
import type { Reading, StoredCallback } from "../provider.ts";

/** The name of our id of an order, in `provider_refs` and in the query of the callback URL that a call names. */
const name = "order_id";
const shape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A callback URL that tells its order: Daraja's answer to a call may be lost, and with it every id that the callback
 * has. Daraja posts to the URL as it was given, query included [seen].
 */
export function urlOfOrder(url: string, orderId: string): string {
  return `${url}?${name}=${orderId}`;
}

/** Adds our id of the order to what a callback says, where its URL names one. */
export function withOwnId(reading: Reading, { query }: Partial<Pick<StoredCallback, "query">>): Reading {
  const id = idOf(query?.[name]);
  if (reading.kind !== "evidence" || id === null || !shape.test(id)) return reading;
  const [first, ...rest] = reading.findings;
  const refs = { ...first.refs, [name]: id };
  return { ...reading, findings: [{ ...first, refs, identity: [...first.identity, `${name}:${id}`] }, ...rest] };
}
