import type { ProviderConnection } from "../../src/providers/call.ts";
import type { Channel, Reading, StoredCallback } from "../../src/providers/provider.ts";

/** A sandbox connection that supplies nothing. */
export const bareConnection: ProviderConnection = { environment: "sandbox", credentials: {}, settings: {} };

/** A POST without query, body or headers; channels that look at the parsed body alone need no more. */
export function storedCallback(over: Partial<StoredCallback> = {}): StoredCallback {
  return {
    channel: "",
    method: "POST",
    query: {},
    headers: {},
    body: new Uint8Array(),
    receivedAt: new Date(0),
    ...over,
  };
}

/** What a channel reads of a parsed body. */
export function readWith(channel: Channel, body: Record<string, unknown>, over: Partial<StoredCallback> = {}): Reading {
  return channel.read(body, storedCallback(over), bareConnection);
}

/** The key that a channel gives to a parsed body. */
export function keyWith(channel: Channel, body: Record<string, unknown>): string | null {
  return channel.key(body, storedCallback());
}
