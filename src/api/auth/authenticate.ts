import { constantTimeEqual, hashToken } from "../../database/encryption.ts";
import type { KeyOwner } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { type ProblemDetails, unauthenticated } from "../problem.ts";
import { operatorShard, shardOfKey } from "./api-key.ts";
import { findKey } from "./store.ts";

const howTo =
  "Send Authorization: Bearer <key>, with the admin's, an operator's (hko_...) or a merchant's key (hk_...).";

export type AuthDeps = Pick<ApiDeps, "adminKey" | "db" | "keys" | "keyUse" | "now">;

/** The owner of the key in the `Authorization` header. The refusal is the same for every wrong key. */
export async function authenticate(header: string | undefined, deps: AuthDeps): Promise<KeyOwner | ProblemDetails> {
  if (header === undefined) return unauthenticated(`No key was sent. ${howTo}`);
  const key = /^bearer +(\S+) *$/i.exec(header)?.[1];
  if (key === undefined) return unauthenticated(`The Authorization header cannot be read. ${howTo}`);
  return (await ownerOfKey(key, deps)) ?? wrongKey();
}

/** A key as a session keeps it: the shard of its row (0 for the admin's) and its SHA-256. */
export type KeyReference = { shard: number; hash: Buffer };

/** Where a key is looked up; null for text that cannot be a key. */
export function referenceOf(key: string, adminKey: string): KeyReference | null {
  const shard = constantTimeEqual(key, adminKey) ? operatorShard : shardOfKey(key);
  return shard === null ? null : { shard, hash: hashToken(key) };
}

/** The owner of a key; null where it is unknown, was deleted or has expired. */
export async function ownerOfKey(key: string, deps: AuthDeps): Promise<KeyOwner | null> {
  const reference = referenceOf(key, deps.adminKey);
  return reference === null ? null : ownerOf(reference, deps);
}

/** The same by a key's reference. */
export async function ownerOf({ shard, hash }: KeyReference, deps: AuthDeps): Promise<KeyOwner | null> {
  if (constantTimeEqual(hash, hashToken(deps.adminKey))) return { kind: "admin" };
  const name = hash.toString("hex");
  let known = deps.keys.get(name) ?? null;
  if (known === null) {
    known = await findKey(deps.db, shard, hash);
    if (known === null) return null;
    deps.keys.set(name, known);
  }
  if (known.kind === "merchant" && known.expiresAt !== null && known.expiresAt <= deps.now()) return null;
  deps.keyUse.used(known);
  return known;
}

function wrongKey(): ProblemDetails {
  return unauthenticated("The key is unknown, has expired or was deleted. Check that it was copied completely.");
}
