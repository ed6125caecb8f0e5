import type { CallbackMethod, Channel, FieldProblem, NonEmpty, Provider, StoredCallback } from "./provider.ts";

/** The provider's channel of a name that comes from outside, such as `constructor`; null where there is none. */
export function channelOf(provider: Provider | undefined, name: string): Channel | null {
  return provider && Object.hasOwn(provider.channels, name) ? provider.channels[name]! : null;
}

/**
 * Stands in for a channel that the provider does not have: a callback to it may report money, so it is accepted and
 * kept, and read only once an operator names the channel.
 */
export function unknownChannel(provider: Provider): Channel {
  const channels = Object.values(provider.channels);
  return {
    methods: [...new Set(channels.flatMap((channel): readonly CallbackMethod[] => channel.methods ?? ["POST"]))],
    forms: true,
    key: () => null,
    read: body => ({ kind: "unreadable", problems: [unknownChannelProblem(provider, body)] }),
    accepted: usualReply(channels),
    unreadable: null,
  };
}

/** Says that the channel of a callback does not exist, which there are, and which one its body belongs to. */
export function unknownChannelProblem(provider: Provider, body: Record<string, unknown> | null): FieldProblem {
  const owners = body === null ? [] : recognizing(provider, body);
  const known = Object.keys(provider.channels).join(", ");
  const hint = owners.length === 0 ? "" : ` ${belongsTo(owners)}`;
  const message = `${provider.name} has no channel of this name. Its channels are ${known}.${hint}`;
  return { path: "", message: `${message} Correct the URL, and reprocess the callback as the right channel.` };
}

/**
 * The problem of a callback that its own channel cannot read and another one recognizes; null for any other. Channels
 * that know the body by the same key are alike, such as a payment and the question before it: neither is guessed.
 */
export function wrongChannelProblem(
  provider: Provider,
  callback: StoredCallback,
  body: Record<string, unknown>,
): FieldProblem | null {
  const own = channelOf(provider, callback.channel);
  if (own === null || own.recognizes?.(body)) return null;
  const key = own.key(body, callback);
  const others = recognizing(provider, body).filter(
    name => key === null || provider.channels[name]!.key(body, callback) !== key,
  );
  return others.length === 0 ? null : { path: "", message: `${belongsTo(others)} Reprocess it as that channel.` };
}

function recognizing(provider: Provider, body: Record<string, unknown>): string[] {
  return Object.entries(provider.channels).flatMap(([name, channel]) => (channel.recognizes?.(body) ? [name] : []));
}

/** Channels that are alike, such as a question and the payment that follows it, are all named. */
function belongsTo(names: string[]): string {
  const ends = names.map(name => `/${name}`).join(" or ");
  return `This is a callback of channel ${names.join(" or ")}: its URL ends in ${ends}.`;
}

/** What most channels of the provider answer to an accepted callback, those that answer a question left out. */
function usualReply(channels: Channel[]): Channel["accepted"] {
  const constant = channels.filter(channel => channel.decision === undefined);
  const candidates = constant.length > 0 ? constant : channels;
  const texts = candidates.map(channel => JSON.stringify(channel.accepted({})));
  const count = (text: string) => texts.filter(other => other === text).length;
  const most = texts.reduce((best, text) => (count(text) > count(best) ? text : best), texts[0]!);
  return body => candidates[texts.indexOf(most)]!.accepted(body);
}

/** Problems with the one that says most in front. */
export function withFirst(first: FieldProblem | null, problems: NonEmpty<FieldProblem>): NonEmpty<FieldProblem> {
  return first === null ? problems : [first, ...problems];
}
