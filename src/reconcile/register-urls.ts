import type { CallContext } from "../providers/call.ts";
import { missingCredentials } from "../providers/can-poll.ts";
import type { RegisterAnswer } from "../providers/provider.ts";
import { clockOf } from "../settle/transaction-store.ts";
import { loadProviderAccount } from "./calls/provider-account.ts";
import { callsOf, type PollDeps } from "./poll/poll-transaction.ts";

export type RegisterUrlsResult =
  /** The provider took these URLs: channel to URL. */
  | { kind: "registered"; urls: Record<string, string>; detail: string }
  | { kind: "unsupported"; detail: string }
  /** Also: credentials that the call needs are not set. */
  | { kind: "refused"; detail: string }
  | { kind: "throttled"; retryAfterS: number }
  | { kind: "unavailable"; detail: string };

const retryAfterByDefaultS = 30;

/** Puts a connection's callback URLs where its provider keeps them, one registration after the other; stops at the first trouble. */
export async function registerUrls(
  deps: PollDeps,
  { shard, connectionId, callbackUrls }: { shard: number; connectionId: string; callbackUrls: Record<string, string> },
): Promise<RegisterUrlsResult> {
  const connection = await deps.connectionOf(shard, connectionId);
  const asker = connection && (await loadProviderAccount(deps, connection));
  if (!asker?.provider.register) {
    return { kind: "unsupported", detail: "This provider has no call for it: enter the callback URLs in its portal." };
  }
  const account: CallContext = {
    environment: connection!.environment,
    credentials: connection!.credentials,
    settings: connection!.settings,
    callbackUrls,
    now: await clockOf(deps.sql),
  };
  const urls: Record<string, string> = {};
  const details: string[] = [];
  for (const call of asker.provider.register) {
    const missing = missingCredentials(call.credentials, account.credentials);
    if (missing !== null) {
      details.push(`${call.what}: not registered, it needs ${missing}.`);
      continue;
    }
    const answer = await call.run(account, callsOf(deps, asker, account, null).send);
    if (answer.kind === "registered") {
      for (const channel of answer.channels) if (callbackUrls[channel]) urls[channel] = callbackUrls[channel];
      details.push(`${call.what}: registered.`);
      continue;
    }
    const failed = failure(call.what, answer);
    if (Object.keys(urls).length === 0) return failed;
    details.push("detail" in failed ? failed.detail : `${call.what}: the provider wants us to wait.`);
  }
  const detail = details.join(" ");
  return Object.keys(urls).length > 0 ? { kind: "registered", urls, detail } : { kind: "refused", detail };
}

function failure(what: string, answer: Exclude<RegisterAnswer, { kind: "registered" }>): RegisterUrlsResult {
  switch (answer.kind) {
    case "already-registered":
    case "refused":
    case "credentials-refused":
      return { kind: "refused", detail: `${what}: ${answer.reason}` };
    case "throttled":
      return { kind: "throttled", retryAfterS: answer.retryAfterS ?? retryAfterByDefaultS };
    case "unavailable":
      return { kind: "unavailable", detail: `${what}: ${answer.reason}` };
  }
}
