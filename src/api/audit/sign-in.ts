import { appendAudit } from "../../database/audit/append-store.ts";
import { publicId } from "../../domain/ids.ts";
import { operatorShard } from "../auth/api-key.ts";
import { actorOf, type KeyOwner, nameOf } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { runOn } from "./run-on.ts";

export type SignInEntry = {
  action: "console.signed_in" | "console.signed_out" | "console.refused";
  /** Null where the key is unknown. */
  owner: KeyOwner | null;
  address: string;
};

/** Records a sign-in or a sign-out, in the database transaction of the session; or a refused sign-in. */
export async function recordSignIn(
  tx: DrizzleQueryable,
  auditKey: Buffer,
  { action, owner, address }: SignInEntry,
): Promise<void> {
  const merchant = owner?.kind === "merchant" ? owner : null;
  const actor = owner && actorOf(owner);
  await appendAudit(runOn(tx), auditKey, {
    shard: merchant?.shard ?? operatorShard,
    merchantId: merchant?.merchantId ?? null,
    actor: actor ?? "unknown",
    actorKind: owner === null ? "unknown" : merchant ? "key" : owner.kind,
    actorName: owner && nameOf(owner),
    actorAddress: address,
    action,
    subject: merchant ? publicId("merchant", merchant.merchantId) : (actor ?? "console"),
    before: null,
    after: null,
  });
}
