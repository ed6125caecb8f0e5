import { constantTimeEqual, hashToken } from "../../database/encryption.ts";
import type { Caller } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { type ProblemDetails, unauthenticated } from "../problem.ts";
import { shardOfKey } from "./api-key.ts";
import { findKey } from "./store.ts";

const howTo = "Send Authorization: Bearer <key>, with the admin key or a merchant's key (hk_...).";

/** The caller, by the `Authorization` header. The refusal is the same for every wrong key. */
export async function authenticate(
  header: string | undefined,
  deps: Pick<ApiDeps, "adminKey" | "db" | "keys">,
): Promise<Caller | ProblemDetails> {
  if (header === undefined) return unauthenticated(`No key was sent. ${howTo}`);
  const key = /^bearer +(\S+) *$/i.exec(header)?.[1];
  if (key === undefined) return unauthenticated(`The Authorization header cannot be read. ${howTo}`);
  if (constantTimeEqual(key, deps.adminKey)) return { kind: "admin" };
  const shard = shardOfKey(key);
  if (shard === null) return wrongKey();
  const hash = hashToken(key);
  const known = deps.keys.get(hash.toString("hex")) ?? (await findKey(deps.db, shard, hash));
  if (known === null) return wrongKey();
  deps.keys.set(hash.toString("hex"), known);
  return { kind: "merchant", ...known };
}

function wrongKey(): ProblemDetails {
  return unauthenticated("The key is unknown or was deleted. Check that it was copied completely.");
}
