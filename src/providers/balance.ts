import type { CallContext, CallFailure, Send } from "./call.ts";
import type { Needs, ToldBalance } from "./provider.ts";

/** What became of asking for the account's balance. */
export type BalanceAnswer =
  /** The answer comes by callback, which its channel reads (`Reading.balance`). */
  { kind: "asked" } | { kind: "told"; balance: ToldBalance } | CallFailure;

/** Asks for the balance of the account that receives. */
export type BalanceCall = {
  credentials: Needs;
  /** Never rejects. */
  run(context: CallContext, send: Send): Promise<BalanceAnswer>;
};
