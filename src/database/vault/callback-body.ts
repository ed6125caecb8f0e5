import type { Vault } from "./vault.ts";

/** A request as it was kept. */
export type KeptRequest = { method: string; query: string; headers: Record<string, string>; body: Buffer };

const newline = 0x0a;

/** Seals a request as one value: a line of JSON, which has no newline inside, then the exact bytes of the body. */
export function sealRequest(id: string, { body, ...head }: KeptRequest, vault: Vault): Buffer {
  return vault.seal("callback_bodies", id, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]));
}

/** A row of `callback_bodies`; plain columns are those of rows from before personal data was sealed. */
export type StoredRequest = {
  id: string;
  method: string | null;
  query: string | null;
  headers: Record<string, string> | null;
  body: Buffer | null;
  sealed: Uint8Array | null;
};

/** The request of a row; null where its bytes were dropped or erased. */
export function openRequest({ id, sealed, ...plain }: StoredRequest, vault: Vault): KeptRequest | null {
  const { method, query, headers, body } = plain;
  if (sealed === null) return headers && body && { method: method ?? "POST", query: query ?? "", headers, body };
  const bytes = vault.open("callback_bodies", id, sealed);
  const end = bytes.indexOf(newline);
  const head = JSON.parse(bytes.subarray(0, end).toString("utf8")) as Omit<KeptRequest, "body">;
  return { ...head, body: bytes.subarray(end + 1) };
}
