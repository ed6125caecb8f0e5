import type { Connection } from "../../connections/connection.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ReconcileDeps } from "../deps.ts";

/** A connection as calls go out under it. */
export type ProviderAccount = {
  connection: Connection;
  provider: Provider;
  /** Where the provider posts, by channel. */
  callbackUrls: Record<string, string>;
};

/** Base URL of the provider's API for a connection, as the connection names it or the environment has it. */
export function apiUrlOf({ connection, provider }: Pick<ProviderAccount, "connection" | "provider">): string {
  return connection.baseUrl ?? provider.baseUrls[connection.environment];
}

/** Null where this version does not know the provider. */
export async function loadProviderAccount(
  deps: ReconcileDeps,
  connection: Connection,
): Promise<ProviderAccount | null> {
  const provider = deps.providers.get(connection.provider);
  if (!provider) return null;
  const [row] = await deps.sql<{ token: string }[]>`
    select token from connection_tokens
    where shard = ${connection.shard} and connection_id = ${connection.id} and (expires_at is null or expires_at > now())
    order by created_at desc, expires_at desc nulls first limit 1`;
  if (!row) return { connection, provider, callbackUrls: {} };
  const token = deps.box.open(row.token, sealContext.callbackToken(connection.id));
  const urls = Object.keys(provider.channels).map(channel => [
    channel,
    `${deps.publicUrl()}/in/${provider.id}/${token}/${channel}`,
  ]);
  return { connection, provider, callbackUrls: Object.fromEntries(urls) };
}
