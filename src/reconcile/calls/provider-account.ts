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
  /** The ids that the provider gave to registered callback URLs (RegisterAnswer.ids). */
  registeredIds: Readonly<Record<string, string>>;
};

/** Null where this version does not know the provider. */
export async function loadProviderAccount(
  { sql, box, providers, publicUrl }: Pick<CallDeps, "sql" | "box" | "providers" | "publicUrl">,
  connection: Connection,
): Promise<ProviderAccount | null> {
  const provider = providers.get(connection.provider);
  if (!provider) return null;
  const [row] = await sql<{ token: string | null; registeredIds: Record<string, string> }[]>`
    select c.registered_ids as "registeredIds", (
      select token from connection_tokens t
      where t.shard = ${connection.shard} and t.connection_id = c.id
        and (t.expires_at is null or t.expires_at > now())
      order by t.created_at desc, t.expires_at desc nulls first limit 1
    ) as token
    from connections c where c.shard = ${connection.shard} and c.id = ${connection.id}`;
  const { token: sealed = null, registeredIds = {} } = row ?? {};
  if (sealed === null) return { connection, provider, callbackUrls: {}, registeredIds };
  const token = box.open(sealed, sealContext.callbackToken(connection.id));
  return { connection, provider, callbackUrls: callbackUrls(publicUrl(), provider, token), registeredIds };
}

/** The account as the provider's folder sees it in one call. `now` is the database's time. */
export function callContext({ connection, callbackUrls, registeredIds }: ProviderAccount, now: Date): CallContext {
  const { environment, credentials, settings } = connection;
  return { environment, credentials, settings, callbackUrls, registeredIds, now };
}
