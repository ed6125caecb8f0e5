import type { Connection } from "../connections/connection.ts";
import type { Egress } from "../egress/client.ts";
import { baseUrlOf } from "../providers/base-url.ts";
import type { KeysCall, PublishedKeys } from "../providers/proof.ts";
import type { Provider } from "../providers/provider.ts";

const timeoutMs = 3_000;
/** Fetched at most so often: a forged key id must not make every callback a call. */
const everyMs = 60_000;

type Fetched = { keys: PublishedKeys | null; fetchedMs: number; fetching: Promise<void> | null };

/** The keys that providers publish for their signatures, as this process knows them. */
export type PublishedKeyCache = {
  /** Null where they were never fetched with success. */
  known(provider: Provider, connection: Connection): PublishedKeys | null;
  /** Fetches the keys, unless that was done within the last minute; answers whether it was done now. Never rejects. */
  refresh(provider: Provider, call: KeysCall, connection: Connection): Promise<boolean>;
};

/** Keeps keys by the URL they are published under. Keys once had stay when the provider does not answer. */
export function createPublishedKeys(deps: { egress: Pick<Egress, "send">; now: () => Date }): PublishedKeyCache {
  const byUrl = new Map<string, Fetched>();
  const entryOf = (provider: Provider, connection: Connection) => {
    const url = `${provider.id} ${baseUrlOf(provider, connection)}`;
    const entry = byUrl.get(url) ?? { keys: null, fetchedMs: Number.NEGATIVE_INFINITY, fetching: null };
    byUrl.set(url, entry);
    return entry;
  };

  async function fetchKeys(entry: Fetched, provider: Provider, call: KeysCall, connection: Connection): Promise<void> {
    const { environment, credentials, settings } = connection;
    const context = { environment, credentials, settings, callbackUrls: {}, registeredIds: {}, now: deps.now() };
    const { method, host, path, headers = {}, body = null } = call.call(context);
    const url = baseUrlOf(provider, connection, host) + path;
    const answer = await deps.egress.send({ method, url, headers, body, timeoutMs, tenant: connection.id });
    if (answer.kind !== "answer") return;
    const read = call.read(answer);
    if (read.kind === "keys") entry.keys = read.keys;
  }

  return {
    known: (provider, connection) => entryOf(provider, connection).keys,
    async refresh(provider, call, connection) {
      const entry = entryOf(provider, connection);
      if (entry.fetching === null) {
        if (performance.now() - entry.fetchedMs < everyMs) return false;
        entry.fetchedMs = performance.now();
        entry.fetching = fetchKeys(entry, provider, call, connection)
          .catch(() => {})
          .finally(() => {
            entry.fetching = null;
          });
      }
      await entry.fetching;
      return true;
    },
  };
}
