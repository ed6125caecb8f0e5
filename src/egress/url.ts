import { isIP } from "node:net";
import { type AddressRange, addressProblem, isCovered } from "./address.ts";

const urlCharsMax = 2048;

export type CheckedUrl = { ok: true; url: URL } | { ok: false; problem: string };

/**
 * Checks a URL without the network: syntax, scheme, credentials, literal addresses (a URL parser reads `2130706433` and
 * `0x7f.1` as 127.0.0.1). Called when a URL is configured and again before each use. A name's addresses are checked
 * when connecting. The problem is a text for the person who typed the URL.
 */
export function checkUrl(text: string, allow: readonly AddressRange[]): CheckedUrl {
  if (text.length > urlCharsMax) return refused(`the URL is longer than ${urlCharsMax} characters`);
  if (!URL.canParse(text)) return refused("write a full URL, such as https://example.com/hooks");
  const url = new URL(text);
  const isHttp = url.protocol === "http:";
  if (!isHttp && url.protocol !== "https:") return refused("the URL must begin with https://");
  if (url.username !== "" || url.password !== "")
    return refused("the URL must not hold a user or password; use a header");
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    const problem = addressProblem(host, allow, isHttp);
    return problem === null ? { ok: true, url } : refused(problem);
  }
  if (isLoopbackName(host) && !isCovered("127.0.0.1", allow) && !isCovered("::1", allow)) {
    return refused("the address is not public (loopback); an operator can allow it with HAKIKA_EGRESS_ALLOW");
  }
  // With an allow list, whether http may be used depends on the name's address, which is checked when connecting.
  if (isHttp && allow.length === 0) return refused("the URL must begin with https://");
  return { ok: true, url };
}

/** The name or address of a URL, IPv6 without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

/** Names that resolve to this machine: RFC 6761, section 6.3. */
function isLoopbackName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}

function refused(problem: string): CheckedUrl {
  return { ok: false, problem };
}
