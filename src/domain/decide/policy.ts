import type { Strength } from "../evidence.ts";
import type { Kind } from "../kinds.ts";

/** The strength from which evidence settles on a connection; `proof` is `signed` and above. */
export type SettleOn = "hint" | "match" | "proof";

/** What a decision depends on beside the evidence and the registration. */
export type Policy = {
  /** The connection's setting; null means the default of the transaction's kind. */
  settleOn: SettleOn | null;
  /** Decimal text. A success of this amount or more needs proof, and a failure of outgoing money too. */
  confirmAbove: string | null;
  /** Whether the provider can be polled about the transaction. A success that does not count is then polled. */
  canPoll: boolean;
};

/** Payments into a till and messages cannot be registered beforehand, so a hint settles them. */
const settleOnByKind: Partial<Record<Kind, SettleOn>> = { c2b: "hint", sms: "hint", email: "hint" };

const strengthBySettleOn = { hint: "hint", match: "match", proof: "signed" } as const satisfies Record<
  SettleOn,
  Strength
>;

/** The strength that evidence of a kind needs to count. */
export function neededStrength(policy: Policy, kind: Kind): Strength {
  return strengthBySettleOn[policy.settleOn ?? settleOnByKind[kind] ?? "match"];
}
