import { publicId } from "../domain/ids.ts";
import type { RegisteredBy } from "../settle/item.ts";

/** What a merchant's key may do. */
export const scopes = ["read", "register", "start", "decide", "manage"] as const;
export type Scope = (typeof scopes)[number];

/** What an operator may do; each role includes the ones before it. */
export const roles = ["viewer", "support", "admin"] as const;
export type OperatorRole = (typeof roles)[number];

/** Whose key it is: the installation's admin, one of its operators, or a merchant. Ids are UUIDs. */
export type KeyOwner =
  | { kind: "admin" }
  | { kind: "operator"; operatorId: string; name: string; role: OperatorRole }
  | {
      kind: "merchant";
      merchantId: string;
      shard: number;
      keyId: string;
      name: string;
      scopes: readonly Scope[];
      /** Null: never. */
      expiresAt: Date | null;
    };

/** Where a call came from, and what its audit entries need. */
export type CallOrigin = {
  /** Null where the call was made within the program. */
  address: string | null;
  /** Key of the audit's chain. */
  auditKey: Buffer;
};

/** Who sent a request. */
export type Caller = KeyOwner & { origin: CallOrigin };

/** The caller's name in the audit and the log: `admin`, or the public id of the operator or the key. */
export function actorOf(caller: KeyOwner): string {
  if (caller.kind === "admin") return "admin";
  return caller.kind === "operator" ? publicId("operator", caller.operatorId) : publicId("apiKey", caller.keyId);
}

/** The caller as the timeline of a transaction names it, for good: a deleted key keeps its name there. */
export function registeredBy(caller: KeyOwner): RegisteredBy {
  switch (caller.kind) {
    case "admin":
      return { kind: "admin", id: null, name: null };
    case "operator":
      return { kind: "operator", id: publicId("operator", caller.operatorId), name: caller.name };
    case "merchant":
      return { kind: "key", id: publicId("apiKey", caller.keyId), name: caller.name };
  }
}

/** The name that people gave the operator or the key; `admin` for the admin. */
export function nameOf(owner: KeyOwner): string {
  return owner.kind === "admin" ? "admin" : owner.name;
}

/** Whether the caller may make the admin's calls. */
export function isAdmin(caller: KeyOwner): boolean {
  return caller.kind === "admin" || (caller.kind === "operator" && caller.role === "admin");
}

/** The merchant whose data the caller may see; null for the admin and operators, who see every merchant's. */
export function merchantScope(caller: KeyOwner): string | null {
  return caller.kind === "merchant" ? caller.merchantId : null;
}
