import type { CallContext, CallFailure, Send } from "./call.ts";
import type { Needs } from "./provider.ts";

/** What became of registering callback URLs. */
export type RegisterAnswer =
  /**
   * `channels` are those whose URLs the provider has now. `ids` are the provider's names for them where later calls
   * must name them (Pesapal's `ipn_id`): they are kept with the connection and come back as
   * `CallContext.registeredIds`.
   */
  | { kind: "registered"; channels: string[]; ids?: Readonly<Record<string, string>> }
  /** The provider has URLs already, these or others, and takes no new ones. */
  | { kind: "already-registered"; reason: string }
  /** `refused` (CallFailure): also what is known to be refused before the provider is called; then without a code. */
  | CallFailure;

/** Registers the callback URLs of some channels at the provider. */
export type RegisterCall = {
  /** `C2B URLs` */
  what: string;
  credentials: Needs;
  /** Never rejects. */
  run(context: CallContext, send: Send): Promise<RegisterAnswer>;
};
