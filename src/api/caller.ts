import { publicId } from "../domain/ids.ts";

/** Who asks: the installation's admin, or one merchant by one of its keys. Ids are UUIDs. */
export type Caller = { kind: "admin" } | { kind: "merchant"; merchantId: string; shard: number; keyId: string };

/** How audit and logs name the caller: `admin`, or the public id of the key. */
export function actorOf(caller: Caller): string {
  return caller.kind === "admin" ? "admin" : publicId("apiKey", caller.keyId);
}

/** The merchant a caller is held to, or null for the admin, who sees all. */
export function merchantScope(caller: Caller): string | null {
  return caller.kind === "admin" ? null : caller.merchantId;
}
