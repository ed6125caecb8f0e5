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
  const found = await accountOf(deps, row);
  if (found === null || row === null) return noSuch("connection");
  if (found.kind === "problem") return found;
  const { account } = found;
  return { kind: "found", row, account, context: callContext(account, await databaseTime(deps.sql)) };
}

/** The provider of a connection's row; null where the connection is gone. */
export async function accountOf(
  { directory, reconcile }: Pick<ApiDeps, "directory" | "reconcile">,
  row: Pick<ConnectionRow, "shard" | "id"> | null,
): Promise<{ kind: "account"; account: ProviderAccount } | ProblemDetails | null> {
  const connection = row && (await directory.byId(row.shard, row.id));
  if (!connection) return null;
  const account = await loadProviderAccount(reconcile, connection);
  if (account === null) return conflict(`This version of Hakika does not know the provider ${connection.provider}.`);
  return { kind: "account", account };
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
