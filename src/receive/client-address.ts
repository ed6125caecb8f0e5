import type { IncomingMessage } from "node:http";
import type { AddressRange } from "../egress/address.ts";
import { isCovered } from "../egress/address.ts";

/**
 * Whose request it is: the peer, or, where the peer is a trusted proxy, the last address in `X-Forwarded-For` that is none. What
 * stands before that is anybody's word.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusted: readonly AddressRange[],
): string {
  let address = plain(peer);
  if (forwardedFor === undefined || trusted.length === 0) return address;
  const hops = forwardedFor.split(",").map(hop => plain(hop.trim()));
  while (isCovered(address, trusted) && hops.length > 0) address = hops.pop()!;
  return address;
}

/** Whose request this is. */
export function peerAddress(incoming: IncomingMessage, trusted: readonly AddressRange[]): string {
  const forwarded = incoming.headers["x-forwarded-for"];
  const list = Array.isArray(forwarded) ? forwarded.join(", ") : forwarded;
  return clientAddress(incoming.socket.remoteAddress ?? "", list, trusted);
}

/** `::ffff:10.0.0.1` is `10.0.0.1`, and a port that some proxies append is no part of an address. */
function plain(address: string): string {
  return address
    .replace(/^::ffff:(?=\d+\.)/i, "")
    .replace(/^\[(.*)\](:\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
}
