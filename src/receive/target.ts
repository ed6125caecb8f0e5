import { deadlines } from "../answer/deadlines.ts";
import type { Connection } from "../connections/connection.ts";
import type { Directory } from "../connections/directory.ts";
import type { Channel, Provider } from "../providers/provider.ts";

/** The parts of a callback URL: `/in/{provider}/{token}/{channel}`. */
export type CallbackPath = { provider: string; token: string; channel: string };

/** Connection and channel that a request is for. */
export type CallbackTarget = { connection: Connection; provider: Provider; channel: Channel; channelName: string };

export type TargetDeps = { directory: Directory; providers: ReadonlyMap<string, Provider> };

/** The channel that a path names; null where the provider or the channel does not exist. */
export function channelOf(
  { providers }: Pick<TargetDeps, "providers">,
  path: Pick<CallbackPath, "provider" | "channel">,
): { provider: Provider; channel: Channel } | null {
  const provider = providers.get(path.provider);
  if (!provider || !Object.hasOwn(provider.channels, path.channel)) return null;
  return { provider, channel: provider.channels[path.channel]! };
}

/**
 * Finds the target of a request. From outside, an unknown provider, token and channel look the same. `unavailable`: the
 * token could not be looked up; on a synchronous channel that is known by the channel's deadline.
 */
export async function findTarget(
  deps: TargetDeps,
  path: CallbackPath,
): Promise<CallbackTarget | "unknown" | "unavailable"> {
  const named = channelOf(deps, path);
  if (named === null) return "unknown";
  const { provider, channel } = named;
  const waitMs = channel.decision && deadlines[channel.decision.type].totalMs;
  const found = await deps.directory.byToken(path.token, waitMs);
  if (found.kind === "unavailable") return "unavailable";
  if (found.kind === "unknown" || found.connection.provider !== provider.id) return "unknown";
  return { connection: found.connection, provider, channel, channelName: path.channel };
}
