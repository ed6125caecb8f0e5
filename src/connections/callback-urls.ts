/** The callback URL of each channel of a provider. `publicUrl` has no trailing slash. Empty without a provider. */
export function callbackUrls(
  publicUrl: string,
  provider: { id: string; channels: Record<string, unknown> } | undefined,
  token: string,
): Record<string, string> {
  const channels = Object.keys(provider?.channels ?? {});
  return Object.fromEntries(channels.map(channel => [channel, `${publicUrl}/in/${provider!.id}/${token}/${channel}`]));
}
