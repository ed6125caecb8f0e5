import { callbackUrls } from "../../connections/callback-urls.ts";
import type { Connection } from "../../connections/connection.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { CallContext } from "../../providers/call.ts";
import type { Provider } from "../../providers/provider.ts";
import type { CallDeps } from "./call-deps.ts";

/** A connection with its provider, ready for calls. */
export type ProviderAccount = {
  connection: Connection;
  provider: Provider;
  /** Where the provider posts, by channel: full URLs. Empty where the connection has no live callback token. */
  callbackUrls: Readonly<Record<string, string>>;
};

/** Base URL of the provider's API for a connection, as the connection names it or the environment has it. */
export function apiUrlOf({ connection, provider }: Pick<ProviderAccount, "connection" | "provider">): string {
  return connection.baseUrl ?? provider.baseUrls[connection.environment];
}

/** Null where this version does not know the provider. */
export async function loadProviderAccount(
  { sql, box, providers, publicUrl }: Pick<CallDeps, "sql" | "box" | "providers" | "publicUrl">,
  connection: Connection,
): Promise<ProviderAccount | null> {
  const provider = providers.get(connection.provider);
  if (!provider) return null;
  const [row] = await sql<{ token: string }[]>`
    select token from connection_tokens
    where shard = ${connection.shard} and connection_id = ${connection.id}
      and (expires_at is null or expires_at > now())
    order by created_at desc, expires_at desc nulls first limit 1`;
  if (!row) return { connection, provider, callbackUrls: {} };
  const token = box.open(row.token, sealContext.callbackToken(connection.id));
  return { connection, provider, callbackUrls: callbackUrls(publicUrl(), provider, token) };
}

/** The account as the provider's folder sees it in one call. `now` is the database's time. */
export function callContext({ connection, callbackUrls }: ProviderAccount, now: Date): CallContext {
  const { environment, credentials, settings } = connection;
  return { environment, credentials, settings, callbackUrls, now };
}
