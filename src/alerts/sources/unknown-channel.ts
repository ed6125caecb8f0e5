import { providers } from "../../providers/registry.ts";

/**
 * Stands for every channel that no provider has: the sender of a callback makes such names up, and one alert for each
 * would be as many as the sender likes.
 */
export const unknownChannelName = "(unknown)";

/** The channels of all providers. */
export const knownChannels: readonly string[] = [
  ...new Set([...providers.values()].flatMap(provider => Object.keys(provider.channels))),
];

const known = new Set(knownChannels);

/** The channel as alerts name it. */
export function alertChannelName(channel: string): string {
  return known.has(channel) ? channel : unknownChannelName;
}
