import type { IncomingMessage } from "node:http";
import { type AddressRange, isCovered } from "../egress/address.ts";

/**
 * The address of the client: the peer's, or, behind trusted proxies, the last address in `X-Forwarded-For` that is no
 * trusted proxy. Any client can write the addresses before that one.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusted: readonly AddressRange[],
): string {
  let address = plainAddress(peer);
  if (forwardedFor === undefined || trusted.length === 0) return address;
  const forwarded = forwardedFor.split(",").map(part => plainAddress(part.trim()));
  while (isCovered(address, trusted) && forwarded.length > 0) address = forwarded.pop()!;
  return address;
}

/** The address of a request's client. */
export function peerAddress(incoming: IncomingMessage, trusted: readonly AddressRange[]): string {
  const forwarded = incoming.headers["x-forwarded-for"];
  const list = Array.isArray(forwarded) ? forwarded.join(", ") : forwarded;
  return clientAddress(incoming.socket.remoteAddress ?? "", list, trusted);
}

/** Without the `::ffff:` of a mapped IPv4 address, and without the port that some proxies append. */
function plainAddress(address: string): string {
  return address
    .replace(/^::ffff:(?=\d+\.)/i, "")
    .replace(/^\[(.*)\](:\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
}
