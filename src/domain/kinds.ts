/** Every kind of transaction, with the direction money moves in and the family its events are named after. */
export const kinds = {
  stk_push: { direction: "in", family: "payment" },
  c2b: { direction: "in", family: "payment" },
  checkout: { direction: "in", family: "payment" },
  payment: { direction: "in", family: "payment" },
  b2c: { direction: "out", family: "payout" },
  b2b: { direction: "out", family: "payout" },
  mobile_payout: { direction: "out", family: "payout" },
  bank_payout: { direction: "out", family: "payout" },
  upi: { direction: "out", family: "payout" },
  reversal: { direction: "out", family: "payout" },
  airtime: { direction: "out", family: "airtime" },
  pin_airtime: { direction: "out", family: "airtime" },
  data_bundle: { direction: "out", family: "airtime" },
  bill: { direction: "out", family: "bill" },
  sms: { direction: "out", family: "message" },
  email: { direction: "out", family: "message" },
} as const satisfies Record<string, { direction: "in" | "out"; family: string }>;

export type Kind = keyof typeof kinds;
export type Direction = (typeof kinds)[Kind]["direction"];
export type Family = (typeof kinds)[Kind]["family"];

export const kindNames = Object.keys(kinds) as [Kind, ...Kind[]];

export const statuses = ["pending", "processing", "completed", "failed", "expired", "refunded", "unresolved"] as const;
export type Status = (typeof statuses)[number];

/** Statuses that end a transaction; `unresolved` is not among them: it yields to anything final. */
export const finalStatuses = ["completed", "failed", "expired", "refunded"] as const satisfies Status[];
export type FinalStatus = (typeof finalStatuses)[number];

export function isFinal(status: Status): status is FinalStatus {
  return (finalStatuses as readonly Status[]).includes(status);
}

export const reviewReasons = [
  "unregistered",
  "needs_proof",
  "amount_mismatch",
  "conflict",
  "unresolved",
  "duplicate_receipt",
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** Where a connection's money is: `sandbox` money is not real. */
export const environments = ["sandbox", "production"] as const;
export type Environment = (typeof environments)[number];

/** A provider's ids by name, such as `checkout_request_id`; `Provider.refs` lists the names that a provider has. */
export type ProviderRefs = Readonly<Record<string, string>>;
