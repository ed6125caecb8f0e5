import { createHash } from "node:crypto";
import { sealContext } from "../../database/seal-contexts.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { canonicalJson } from "../../domain/json.ts";
import { maskPhonesIn } from "../../domain/phone.ts";
import { recordAudit } from "../audit/record.ts";
import { actorOf, type Caller, nameOf } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { lockMerchant } from "../merchants/store.ts";
import { conflict } from "../problem.ts";
import { type ApiResponse, accepted } from "../response.ts";
import type { ApprovalAction } from "./actions.ts";
import { stateOf, waitingJson } from "./approval-json.ts";
import { insertApproval, sameApproval } from "./store.ts";

/** A call that a second person has to approve. */
export type Question = {
  action: ApprovalAction;
  shard: number;
  merchantId: string;
  /** Public id of the thing that it happens to. */
  subject: string;
  /** What the action needs to be carried out later, as JSON; kept sealed. */
  request: Record<string, unknown>;
  /** For the second person, without secrets. */
  summary: string;
  /** Minor units. */
  amount: bigint | null;
  currency: string | null;
};

export type Asked =
  /** To be answered; the handler does nothing. */
  | { kind: "waiting"; response: ApiResponse }
  /** It was approved and has happened: the handler answers with the thing as it is now. */
  | { kind: "done" };

/**
 * Asks for a second person, once for each call: the same caller with the same `Idempotency-Key` (or without one) and
 * the same body meets the approval that it asked for before. Handlers call it before they change anything.
 */
export async function askApproval(
  caller: Caller,
  idempotencyKey: string | null,
  question: Question,
  { db, box, now }: Pick<ApiDeps, "db" | "box" | "now">,
): Promise<Asked> {
  const { shard, merchantId, request, ...rest } = question;
  const askedBy = actorOf(caller);
  const { action, subject } = question;
  const text = canonicalJson([askedBy, action, subject, request, idempotencyKey]) ?? "";
  const fingerprint = createHash("sha256").update(text).digest();
  return db.transaction(async (tx): Promise<Asked> => {
    await lockMerchant(tx, merchantId, null);
    const earlier = await sameApproval(tx, shard, fingerprint);
    const state = earlier && stateOf(earlier, now());
    if (earlier && state === "approved" && earlier.doneAt !== null) return { kind: "done" };
    if (earlier && (state === "pending" || state === "approved")) return waiting(accepted(waitingJson(earlier, now())));
    if (earlier && idempotencyKey !== null) {
      const name = publicId("approval", earlier.id);
      return waiting(conflict(`The approval ${name} is ${state}. Ask again with a new Idempotency-Key.`));
    }
    const id = newUuid(shard);
    const sealed = box.seal(JSON.stringify(request), sealContext.approvalRequest(id));
    const asked = { askedBy, askedByName: nameOf(caller), askedWith: idempotencyKey, fingerprint, request: sealed };
    const row = await insertApproval(tx, { shard, id, merchantId, ...rest, ...asked });
    const after = { action, subject, summary: maskPhonesIn(question.summary) };
    const entry = publicId("approval", id);
    await recordAudit(tx, caller, { shard, merchantId, action: "approval.asked", subject: entry, after });
    return waiting(accepted(waitingJson(row, now())));
  });
}

function waiting(response: ApiResponse): Asked {
  return { kind: "waiting", response };
}
