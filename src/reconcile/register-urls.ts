import { databaseTime } from "../database/clock.ts";
import { missingCredentials } from "../providers/can-poll.ts";
import type { RegisterAnswer } from "../providers/register.ts";
import { callProvider } from "./calls/call-provider.ts";
import { callContext, loadProviderAccount } from "./calls/provider-account.ts";
import { keepRegisteredIds } from "./calls/registered-ids-store.ts";
import type { ReconcileDeps } from "./deps.ts";

export type RegisterUrlsResult =
  /** The provider took these URLs: channel to URL. */
  | { kind: "registered"; urls: Record<string, string>; detail: string }
  | { kind: "unsupported"; detail: string }
  /** By the provider, or for missing credentials. */
  | { kind: "refused"; detail: string }
  | { kind: "throttled"; retryAfterS: number }
  | { kind: "unavailable"; detail: string };

const retryAfterByDefaultS = 30;

/** Registers a connection's callback URLs at its provider, one registration after the other, until one fails. */
export async function registerUrls(
  deps: ReconcileDeps,
  { shard, connectionId, callbackUrls }: { shard: number; connectionId: string; callbackUrls: Record<string, string> },
): Promise<RegisterUrlsResult> {
  const connection = await deps.directory.byId(shard, connectionId);
  const account = connection && (await loadProviderAccount(deps, connection));
  if (!account?.provider.register) {
    return { kind: "unsupported", detail: "This provider has no call for it: enter the callback URLs in its portal." };
  }
  const context = callContext({ ...account, callbackUrls }, await databaseTime(deps.sql));
  const urls: Record<string, string> = {};
  const details: string[] = [];
  for (const call of account.provider.register) {
    const missing = missingCredentials(call.credentials, context.credentials);
    if (missing !== null) {
      details.push(`${call.what}: not registered, it needs ${missing}.`);
      continue;
    }
    const answer = await callProvider(deps, account, context, send => call.run(context, send));
    if (answer.kind === "registered") {
      if (answer.ids) await keepRegisteredIds(deps.sql, shard, connectionId, answer.ids);
      for (const channel of answer.channels) if (callbackUrls[channel]) urls[channel] = callbackUrls[channel];
      details.push(`${call.what}: registered.`);
      continue;
    }
    const failed = failureOf(call.what, answer);
    if (Object.keys(urls).length === 0) return failed;
    details.push("detail" in failed ? failed.detail : `${call.what}: throttled by the provider.`);
  }
  const detail = details.join(" ");
  return Object.keys(urls).length > 0 ? { kind: "registered", urls, detail } : { kind: "refused", detail };
}

function failureOf(what: string, answer: Exclude<RegisterAnswer, { kind: "registered" }>): RegisterUrlsResult {
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
