import { databaseTime } from "../../database/clock.ts";
import type { CallContext, CallFailure } from "../../providers/call.ts";
import { missingCredentials } from "../../providers/can-poll.ts";
import type { Needs } from "../../providers/provider.ts";
import { callContext, loadProviderAccount, type ProviderAccount } from "../../reconcile/calls/provider-account.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, noSuch, type ProblemDetails, throttled, unavailable } from "../problem.ts";
import { type ConnectionRow, findConnection } from "./store.ts";

const retryAfterByDefaultS = 30;

/** A connection that calls are made for. */
export type CallableConnection = { kind: "found"; row: ConnectionRow; account: ProviderAccount; context: CallContext };

/** A connection by its id, with what calls to its provider need. `merchantId` null: any merchant's. */
export async function callableConnection(
  deps: ApiDeps,
  connectionId: string,
  merchantId: string | null,
): Promise<CallableConnection | ProblemDetails> {
  const row = await findConnection(deps.db, connectionId, merchantId);
  const connection = row && (await deps.directory.byId(row.shard, row.id));
  if (!connection) return noSuch("connection");
  const account = await loadProviderAccount(deps.reconcile, connection);
  if (account === null) return conflict(`This version of Hakika does not know the provider ${connection.provider}.`);
  return { kind: "found", row, account, context: callContext(account, await databaseTime(deps.sql)) };
}

/** 409 where the connection lacks the credentials of a call; null where it has them. */
export function lacksCredentials(what: string, needs: Needs, { account }: CallableConnection): ProblemDetails | null {
  const missing = missingCredentials(needs, account.connection.credentials);
  return missing === null ? null : conflict(`${what} needs ${missing}.`);
}

/** A provider's refusal is 409, with its own words; too many calls 429; no answer 503. */
export function callProblem(what: string, failure: CallFailure): ProblemDetails {
  switch (failure.kind) {
    case "throttled":
      return throttled("The provider limits calls. Try again later.", failure.retryAfterS ?? retryAfterByDefaultS);
    case "unavailable":
      return unavailable(`${what}: ${failure.reason}`, 10);
    default:
      return conflict(`${what}: ${failure.reason}`);
  }
}
