import { expect, test } from "vitest";
import { parseRange } from "../../src/egress/address.ts";
import { clientAddress } from "../../src/receive/client-address.ts";

const trusted = ["10.0.0.0/8", "fd00::/8"].map(text => parseRange(text)!);

test.for([
  ["the peer's, without a forwarded address", "8.8.8.8", undefined, "8.8.8.8"],
  ["the peer's, where it is no trusted proxy", "8.8.8.8", "1.1.1.1", "8.8.8.8"],
  ["the last forwarded one, behind a trusted proxy", "10.0.0.1", "1.1.1.1", "1.1.1.1"],
  ["the last forwarded one, not the first, which any client can write", "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"],
  ["the last forwarded one that is no trusted proxy", "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.2.2.2, 10.3.3.3", "1.1.1.1"],
  ["the first forwarded one, where all are trusted", "10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"],
  ["an IPv4 address mapped into IPv6 as IPv4", "::ffff:10.0.0.1", "::ffff:1.1.1.1", "1.1.1.1"],
  ["an address without the port some proxies append", "10.0.0.1", "1.1.1.1:4711", "1.1.1.1"],
  ["an IPv6 address without brackets and port", "fd00::1", "[2001:db8::1]:4711", "2001:db8::1"],
  ["garbage unchanged, which no range covers", "10.0.0.1", "unknown", "unknown"],
  ["empty where the last part is, which no range covers", "10.0.0.1", "1.1.1.1,", ""],
] as const)("the client's address is %s", ([, peer, forwarded, expected]) => {
  expect(clientAddress(peer, forwarded, trusted)).toBe(expected);
});

test("forwarded addresses do not count without trusted proxies", () => {
  expect(clientAddress("10.0.0.1", "1.1.1.1", [])).toBe("10.0.0.1");
});
