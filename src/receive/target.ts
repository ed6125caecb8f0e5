import { deadlines } from "../answer/deadlines.ts";
import type { Connection } from "../connections/connection.ts";
import type { Directory } from "../connections/directory.ts";
import type { CallbackMethod, Channel, Provider } from "../providers/provider.ts";

/** A request to `/in/{provider}/{token}/{channel}`, before its body is read. */
export type Incoming = {
  provider: string;
  token: string;
  channel: string;
  method: CallbackMethod;
  /** The query of the URL as it came, without the question mark. */
  query: string;
  headers: Record<string, string>;
  address: string;
};

/** Connection and channel that a request is for. */
export type CallbackTarget = { connection: Connection; provider: Provider; channel: Channel; channelName: string };

type TargetDeps = { directory: Directory; providers: ReadonlyMap<string, Provider> };

/** The channel that a path names; null where the provider or the channel does not exist. */
export function channelOf(
  { providers }: Pick<TargetDeps, "providers">,
  path: Pick<Incoming, "provider" | "channel">,
): { provider: Provider; channel: Channel } | null {
  const provider = providers.get(path.provider);
  if (!provider || !Object.hasOwn(provider.channels, path.channel)) return null;
  return { provider, channel: provider.channels[path.channel]! };
}

/** Finds the target of a request. Unknown provider, token and channel look the same from outside. */
export async function findTarget(
  deps: TargetDeps,
  path: Pick<Incoming, "provider" | "token" | "channel">,
): Promise<CallbackTarget | "unknown" | "away"> {
  const named = channelOf(deps, path);
  if (named === null) return "unknown";
  const { provider, channel } = named;
  // A provider that waits for a decision hears within its deadline that the token cannot be looked up.
  const waitMs = channel.decision && deadlines[channel.decision.type].totalMs;
  const found = await deps.directory.byToken(path.token, waitMs);
  if (found.kind === "unavailable") return "away";
  if (found.kind === "unknown" || found.connection.provider !== provider.id) return "unknown";
  return { connection: found.connection, provider, channel, channelName: path.channel };
}
