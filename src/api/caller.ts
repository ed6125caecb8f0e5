import { publicId } from "../domain/ids.ts";
import type { RegisteredBy } from "../settle/item.ts";

/** Who sent a request: the installation's admin, or a merchant with one of its API keys. Ids are UUIDs. */
export type Caller =
  | { kind: "admin" }
  | { kind: "merchant"; merchantId: string; shard: number; keyId: string; keyName: string };

/** The caller's name in the audit and the log: `admin`, or the public id of the key. */
export function actorOf(caller: Caller): string {
  return caller.kind === "admin" ? "admin" : publicId("apiKey", caller.keyId);
}

/** The caller as the timeline of a transaction names it, for good: a deleted key keeps its name there. */
export function registeredBy(caller: Caller): RegisteredBy {
  if (caller.kind === "admin") return { kind: "admin", id: null, name: null };
  return { kind: "key", id: publicId("apiKey", caller.keyId), name: caller.keyName };
}

/** The merchant whose data the caller may see; null for the admin, who sees every merchant's. */
export function merchantScope(caller: Caller): string | null {
  return caller.kind === "admin" ? null : caller.merchantId;
}
