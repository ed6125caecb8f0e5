import { randomBytes } from "node:crypto";

const tokenBytes = 24;

/** Daraja refuses callback URLs with these words in them (its Go-Live guide); one token in 400 would have one by chance. */
const refusedWords = /mpesa|m-pesa|safaricom|exe|cmd|sql|query/i;

/** The secret part of callback URLs: two hex digits of the shard, so that a look-up names it, and 192 random bits. */
export function newCallbackToken(shard: number, random: (bytes: number) => Buffer = randomBytes): string {
  const prefix = shard.toString(16).padStart(2, "0");
  for (;;) {
    const token = prefix + random(tokenBytes).toString("base64url");
    if (!refusedWords.test(token)) return token;
  }
}

/** Where a provider posts to, for each of its channels. */
export function callbackUrls(
  publicUrl: string,
  provider: { id: string; channels: Record<string, unknown> } | undefined,
  token: string,
): Record<string, string> {
  const channels = Object.keys(provider?.channels ?? {});
  return Object.fromEntries(channels.map(channel => [channel, `${publicUrl}/in/${provider!.id}/${token}/${channel}`]));
}
