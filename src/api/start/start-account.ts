import type { ProviderAccount } from "../../reconcile/calls/provider-account.ts";
import { accountOf } from "../connections/provider-call.ts";
import { findConnection } from "../connections/store.ts";
import type { ApiDeps } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";

/** The connection that a start is made with, and its provider. `merchantId` null: any merchant's. */
export async function startAccount(
  deps: ApiDeps,
  connectionId: string,
  merchantId: string | null,
): Promise<{ kind: "account"; account: ProviderAccount } | ProblemDetails> {
  const found = await accountOf(deps, await findConnection(deps.db, connectionId, merchantId));
  return found ?? notFound("There is no connection with this connection_id.");
}
