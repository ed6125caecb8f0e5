import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** A range of addresses in CIDR form. IPv4-mapped IPv6 is stored as IPv4. */
export type AddressRange = { address: ipaddr.IPv4 | ipaddr.IPv6; bits: number };

/**
 * Cloud metadata services at public addresses. 168.63.129.16 is Azure's host agent (learn.microsoft.com, "What is IP
 * address 168.63.129.16"). The other services (169.254.169.254, 100.100.100.200, 192.0.0.192, fd00:ec2::254) are in
 * ranges that are refused anyway.
 */
const metadataRanges = ["168.63.129.16/32"].map(text => parseRange(text)!);

/** The range that IANA uses for global unicast IPv6. Addresses outside (`::127.0.0.1`, NAT64, ULA) are not public. */
const globalUnicast = parseRange("2000::/3")!;

/** Parses `10.0.0.0/8`, `fd00::/8` or a single address; else null. Decimal, octal and short forms are refused. */
export function parseRange(text: string): AddressRange | null {
  const [host = "", prefix, ...rest] = text.trim().split("/");
  const family = isIP(host);
  if (family === 0 || host.includes("%") || rest.length > 0) return null;
  const bitsMax = family === 4 ? 32 : 128;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return null;
  const bits = prefix === undefined ? bitsMax : Number(prefix);
  if (bits > bitsMax) return null;
  const address = ipaddr.parse(host);
  if (!(address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96)) return { address, bits };
  return { address: address.toIPv4Address(), bits: bits - 96 };
}

/** Whether a literal address is in one of the ranges. `::ffff:10.0.0.1` counts as `10.0.0.1`; other text as false. */
export function isCovered(address: string, ranges: readonly AddressRange[]): boolean {
  const parsed = parseAddress(address);
  return parsed !== null && ranges.some(range => matches(parsed, range));
}

/**
 * Why a literal address may not be connected to, as text for the person who configured the URL; null where it may.
 * Addresses in `allow` may always. `isHttp`: unencrypted requests may go to addresses in `allow` only. The text names
 * the kind of range and never the address, so that a merchant cannot learn the private address of an internal name.
 */
export function addressProblem(address: string, allow: readonly AddressRange[], isHttp: boolean): string | null {
  const parsed = parseAddress(address);
  if (parsed === null) return "the address cannot be read";
  if (allow.some(range => matches(parsed, range))) return null;
  const range = metadataRanges.some(metadata => matches(parsed, metadata)) ? "metadata" : rangeOf(parsed);
  if (range !== "unicast") {
    return `the address is not public (${range}); an operator can allow it with HAKIKA_EGRESS_ALLOW`;
  }
  return isHttp ? "http is only for addresses that HAKIKA_EGRESS_ALLOW covers; use https" : null;
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return isIP(text) === 0 ? null : ipaddr.process(text);
}

function rangeOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  const range = address.range();
  if (range !== "unicast" || address instanceof ipaddr.IPv4) return range;
  return matches(address, globalUnicast) ? range : "reserved";
}

function matches(address: ipaddr.IPv4 | ipaddr.IPv6, range: AddressRange): boolean {
  return address.kind() === range.address.kind() && address.match(range.address, range.bits);
}
