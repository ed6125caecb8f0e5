import { isIP } from "node:net";
import { addressProblem } from "../../egress/address.ts";

/** Says that no provider reaches the callback URLs of a production connection, as far as the URLs alone say it. */
export function unreachableNote({
  environment,
  callback_urls,
}: {
  environment: string;
  callback_urls: Record<string, string>;
}): string {
  const [first] = Object.values(callback_urls);
  if (environment !== "production" || first === undefined) return "";
  const { protocol, hostname } = new URL(first);
  const host = hostname.replace(/^\[|\]$/g, "");
  const isPrivate = isIP(host) === 0 ? /(^|\.)localhost$/.test(host) : addressProblem(host, [], false) !== null;
  const why = isPrivate ? "is an address that no provider reaches" : protocol === "https:" ? null : "is not https";
  return why === null
    ? ""
    : `\n\nWarning: ${protocol}//${hostname} ${why}. Set HAKIKA_PUBLIC_URL, or no callback comes.`;
}
