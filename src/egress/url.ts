import { isIP } from "node:net";
import { type AddressRange, addressProblem, isCovered } from "./address.ts";

const urlCharsMax = 2048;

export type CheckedUrl = { ok: true; url: URL } | { ok: false; problem: string };

/**
 * What can be known of a URL without asking the network: syntax, scheme, credentials, literal addresses (`2130706433` and `0x7f.1`
 * are 127.0.0.1 to a URL parser). For the moment a URL is configured, and again before each use: names are only judged by the
 * address they lead to, when connecting. The problem is a text for whoever typed the URL.
 */
export function checkUrl(text: string, allow: readonly AddressRange[]): CheckedUrl {
  if (text.length > urlCharsMax) return refused(`the URL is longer than ${urlCharsMax} characters`);
  if (!URL.canParse(text)) return refused("write a full URL, such as https://example.com/hooks");
  const url = new URL(text);
  const plain = url.protocol === "http:";
  if (!plain && url.protocol !== "https:") return refused("the URL must begin with https://");
  if (url.username !== "" || url.password !== "")
    return refused("the URL must not hold a user or password; use a header");
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    const problem = addressProblem(host, allow, plain);
    return problem === null ? { ok: true, url } : refused(problem);
  }
  if (isLoopbackName(host) && !isCovered("127.0.0.1", allow) && !isCovered("::1", allow)) {
    return refused("the address is not public (loopback); an operator can allow it with HAKIKA_EGRESS_ALLOW");
  }
  // A name may still lead to an address the operator named, so http waits for the connection where there are any.
  if (plain && allow.length === 0) return refused("the URL must begin with https://");
  return { ok: true, url };
}

/** The name or address of a URL, IPv6 without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

/** RFC 6761, section 6.3: these never leave the machine. */
function isLoopbackName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}

function refused(problem: string): CheckedUrl {
  return { ok: false, problem };
}
