import type { Connection } from "../connections/connection.ts";
import type { Egress } from "../egress/client.ts";
import { baseUrlOf } from "../providers/base-url.ts";
import type { KeysCall, PublishedKeys } from "../providers/proof.ts";
import type { Provider } from "../providers/provider.ts";

const timeoutMs = 3_000;
/** Interval between two fetches for the same reason that were in vain: forged callbacks must not cause a call each. */
const everyMs = 60_000;

/** Why keys are fetched: a key id that is not known, or a signature that a known key does not fit (it was replaced). */
export type FetchReason = "unknown-key" | "refused";

type Fetched = {
  keys: PublishedKeys | null;
  /** Apart, so that wrong signatures cannot delay a new key. */
  fetchedMs: Record<FetchReason, number>;
  fetching: Promise<void> | null;
};

const never = Number.NEGATIVE_INFINITY;

/** The keys that providers publish for their signatures, cached by this process. */
export type PublishedKeyCache = {
  /** Null until a fetch succeeds. */
  known(provider: Provider, connection: Connection): PublishedKeys | null;
  /**
   * Fetches the keys, unless they were fetched in vain for this reason within the last minute. Resolves to whether it
   * fetched. Never rejects.
   */
  refresh(provider: Provider, call: KeysCall, connection: Connection, why: FetchReason): Promise<boolean>;
  /** The last fetch brought the key that was not known: the next unknown key is fetched at once. */
  confirm(provider: Provider, connection: Connection): void;
};

/** Caches keys by the URL that publishes them. Known keys stay while the provider does not answer. */
export function createPublishedKeys(deps: { egress: Pick<Egress, "send">; now: () => Date }): PublishedKeyCache {
  const byUrl = new Map<string, Fetched>();
  const entryOf = (provider: Provider, connection: Connection) => {
    const url = `${provider.id} ${baseUrlOf(provider, connection)}`;
    const entry = byUrl.get(url) ?? newEntry();
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
    async refresh(provider, call, connection, why) {
      const entry = entryOf(provider, connection);
      if (entry.fetching === null) {
        if (performance.now() - entry.fetchedMs[why] < everyMs) return false;
        entry.fetchedMs[why] = performance.now();
        entry.fetching = fetchKeys(entry, provider, call, connection)
          .catch(() => {})
          .finally(() => {
            entry.fetching = null;
          });
      }
      await entry.fetching;
      return true;
    },
    confirm(provider, connection) {
      entryOf(provider, connection).fetchedMs["unknown-key"] = never;
    },
  };
}

function newEntry(): Fetched {
  return { keys: null, fetchedMs: { "unknown-key": never, refused: never }, fetching: null };
}
