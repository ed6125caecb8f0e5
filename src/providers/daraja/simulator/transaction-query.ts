import { randomUUID } from "node:crypto";
import { postCallback } from "../../../simulator/post-callback.ts";
import { type ProviderWording, playStep, type ScriptOutcome } from "../../../simulator/script.ts";
import type { PlayedReply } from "../../../simulator/server.ts";
import { darajaStatusResult } from "./callbacks.ts";
import { invalidToken, throttled } from "./replies.ts";
import type { DarajaBody, DarajaState } from "./state.ts";

/** The transaction status query: accepted at once, answered by a callback to `ResultURL`. */
export function queryTransaction(state: DarajaState, body: DarajaBody): PlayedReply | Promise<PlayedReply> {
  const { options, ledger } = state;
  const conversation = { ConversationID: `AG_${randomUUID()}`, OriginatorConversationID: randomUUID() };
  const accepted: PlayedReply = {
    status: 200,
    body: { ...conversation, ResponseCode: "0", ResponseDescription: "Accept the service request successfully." },
  };
  const entry = ledger.get(String(body.TransactionID ?? body.OriginalConversationID));
  const postResult = (outcome: ScriptOutcome | null, code = "0") => {
    const result = darajaStatusResult(conversation, entry ?? null, outcome, code);
    void postCallback(String(body.ResultURL), result, options.results);
    return accepted;
  };
  const isInitiator = body.Initiator === (options.initiatorName ?? "apiop");
  const isRight = isInitiator && isCredentialRight(state, body.SecurityCredential);
  state.wrongCredentials = isRight ? 0 : state.wrongCredentials + 1;
  // Seen: a wrong initiator is accepted, and refused by the result.
  if (!isRight) return postResult(null, state.wrongCredentials > 2 ? "8006" : "2001");
  if (!entry) return postResult(null, "2033");
  const wording: ProviderWording = {
    say: outcome => postResult(outcome),
    deny: () => postResult(null, "2033"),
    refuseToken: invalidToken,
    throttled,
  };
  return playStep(ledger.nextStep(entry), entry.outcome, wording);
}

function isCredentialRight({ options }: DarajaState, credential: unknown): boolean {
  return typeof credential === "string" && (options.isCredential?.(credential) ?? true);
}
