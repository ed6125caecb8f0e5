import type { ProviderAccount } from "../../reconcile/calls/provider-account.ts";
import { loadProviderAccount } from "../../reconcile/calls/provider-account.ts";
import { findConnection } from "../connections/store.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, notFound, type ProblemDetails } from "../problem.ts";

/** The connection that a start is made with, and its provider. `merchantId` null: any merchant's. */
export async function startAccount(
  deps: ApiDeps,
  connectionId: string,
  merchantId: string | null,
): Promise<{ kind: "account"; account: ProviderAccount } | ProblemDetails> {
  const row = await findConnection(deps.db, connectionId, merchantId);
  const connection = row && (await deps.directory.byId(row.shard, row.id));
  if (!connection) return notFound("There is no connection with this connection_id.");
  const account = await loadProviderAccount(deps.reconcile, connection);
  if (account === null) return conflict(`This version of Hakika does not know the provider ${connection.provider}.`);
  return { kind: "account", account };
}
