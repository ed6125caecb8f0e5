import { deadlines } from "../answer/deadlines.ts";
import type { Connection } from "../connections/connection.ts";
import type { Directory } from "../connections/directory.ts";
import { channelOf, unknownChannel } from "../providers/channels.ts";
import { shortTextOf } from "../providers/kit/text.ts";
import type { Channel, Provider } from "../providers/provider.ts";

/** The parts of a callback URL: `/in/{provider}/{token}/{channel}`. */
export type CallbackPath = { provider: string; token: string; channel: string };

/** The channel that a path names. `isKnown`: the provider has it; else `channel` stands in for it. */
export type NamedChannel = { provider: Provider; channel: Channel; channelName: string; isKnown: boolean };

/** Connection and channel that a request is for. */
export type CallbackTarget = NamedChannel & { connection: Connection };

export type TargetDeps = { directory: Directory; providers: ReadonlyMap<string, Provider> };

/**
 * The channel that a path names, a slash at its end left out; null where the provider does not exist or no channel is
 * named. A name that no column can hold is cut: the sender chose it.
 */
export function namedChannel(
  { providers }: Pick<TargetDeps, "providers">,
  path: Pick<CallbackPath, "provider" | "channel">,
): NamedChannel | null {
  const provider = providers.get(path.provider);
  const channelName = shortTextOf(path.channel.endsWith("/") ? path.channel.slice(0, -1) : path.channel);
  if (!provider || channelName === null) return null;
  const known = channelOf(provider, channelName);
  return { provider, channel: known ?? unknownChannel(provider), channelName, isKnown: known !== null };
}

/**
 * Finds the target of a request. From outside, an unknown provider and an unknown token look the same. `unavailable`:
 * the token could not be looked up; on a synchronous channel that is known by the channel's deadline.
 */
export async function findTarget(
  deps: Pick<TargetDeps, "directory">,
  named: NamedChannel,
  token: string,
): Promise<CallbackTarget | "unknown" | "unavailable"> {
  const { provider, channel } = named;
  const waitMs = channel.decision && deadlines[channel.decision.type].totalMs;
  const found = await deps.directory.byToken(token, waitMs);
  if (found.kind === "unavailable") return "unavailable";
  if (found.kind === "unknown" || found.connection.provider !== provider.id) return "unknown";
  return { ...named, connection: found.connection };
}
