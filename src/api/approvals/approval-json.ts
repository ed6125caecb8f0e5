import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { formatMoney } from "../../domain/money.ts";
import { exampleId, idOutput, timeOutput } from "../schemas/fields.ts";
import { type ApprovalRow, type ApprovalState, approvalStates } from "./store.ts";

const person = z.object({
  id: z.string().meta({ description: "`admin`, or the id of an operator or a key", examples: ["admin"] }),
  name: z.string().meta({ examples: ["Wanjiru"] }),
});
const state = z.enum(approvalStates).meta({ description: "`lapsed` after 24 hours", examples: ["pending"] });

export const approvalSchema = z
  .object({
    id: idOutput("approval"),
    merchant_id: idOutput("merchant"),
    state,
    action: z.string().meta({ description: "What happens once approved", examples: ["transaction.resolve"] }),
    subject: z.string().meta({ description: "What it happens to", examples: [exampleId("transaction")] }),
    summary: z.string().meta({ examples: ["completed: Seen on the statement of 18 October."] }),
    amount: z
      .string()
      .nullable()
      .meta({ examples: ["70000.00"] }),
    currency: z
      .string()
      .nullable()
      .meta({ examples: ["KES"] }),
    asked_by: person,
    decided_by: person.nullable(),
    created_at: timeOutput,
    expires_at: timeOutput,
    decided_at: timeOutput.nullable(),
    done_at: timeOutput.nullable().meta({ description: "When it was carried out" }),
  })
  .meta({ id: "Approval", description: "A call that waits for a second person, and its outcome." });

/** The answer to a call that waits. */
export const waitingSchema = z
  .object({ approval: z.object({ id: idOutput("approval"), state, expires_at: timeOutput }) })
  .meta({ id: "WaitingForApproval" });

export function stateOf({ state, expiresAt }: ApprovalRow, now: Date): ApprovalState {
  return state === "pending" && expiresAt <= now ? "lapsed" : state;
}

export function waitingJson(row: ApprovalRow, now: Date) {
  const { id, expiresAt } = row;
  return { approval: { id: publicId("approval", id), state: stateOf(row, now), expires_at: expiresAt.toISOString() } };
}

export function approvalJson(row: ApprovalRow, now: Date) {
  const { amount, currency } = row;
  return {
    id: publicId("approval", row.id),
    merchant_id: publicId("merchant", row.merchantId),
    state: stateOf(row, now),
    action: row.action,
    subject: row.subject,
    summary: row.summary,
    amount: amount === null || currency === null ? null : formatMoney({ minor: amount, currency }),
    currency,
    asked_by: { id: row.askedBy, name: row.askedByName },
    decided_by: row.decidedBy === null ? null : { id: row.decidedBy, name: row.decidedByName ?? row.decidedBy },
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    decided_at: row.decidedAt?.toISOString() ?? null,
    done_at: row.doneAt?.toISOString() ?? null,
  };
}
