import { deadlines } from "../answer/deadlines.ts";
import type { Connection } from "../connections/connection.ts";
import type { Directory } from "../connections/directory.ts";
import type { Channel, Provider } from "../providers/provider.ts";

/** The connection and channel that a callback URL names. */
export type CallbackTarget = { connection: Connection; provider: Provider; channel: Channel; channelName: string };

/** The parts of a callback URL: `/in/{provider}/{token}/{channel}`. */
export type CallbackPath = { provider: string; token: string; channel: string };

export type TargetDeps = { directory: Directory; providers: ReadonlyMap<string, Provider> };

/**
 * Finds the target of a callback URL. From outside, an unknown provider, token and channel look the same.
 * `unavailable`: the token could not be looked up; on a synchronous channel that is known by the channel's deadline.
 */
export async function findTarget(
  { directory, providers }: TargetDeps,
  path: CallbackPath,
): Promise<CallbackTarget | "unknown" | "unavailable"> {
  const provider = providers.get(path.provider);
  const channel =
    provider && Object.hasOwn(provider.channels, path.channel) ? provider.channels[path.channel] : undefined;
  if (!provider || !channel) return "unknown";
  const waitMs = channel.decision && deadlines[channel.decision.type].totalMs;
  const found = await directory.byToken(path.token, waitMs);
  if (found.kind === "away") return "unavailable";
  if (found.kind === "unknown" || found.connection.provider !== provider.id) return "unknown";
  return { connection: found.connection, provider, channel, channelName: path.channel };
}
