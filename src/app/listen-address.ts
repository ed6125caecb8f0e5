import { isIP } from "node:net";

/** Where a server listens. Port 0: the system chooses. */
export type ListenAddress = { host: string; port: number };

/** Reads `host:port`, an IPv6 address in brackets; null for other text. */
export function parseListenAddress(text: string): ListenAddress | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return null;
  return isHost(host) && (bracketed === undefined || isIP(host) === 6) ? { host, port } : null;
}

/** Whether a text is an address or a name of a host. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text);
}

/** `host:port` as a URL has it. */
export function authorityOf({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The URL under which this machine reaches a server that listens there. */
export function localUrl({ host, port }: ListenAddress): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${authorityOf({ host: reachable, port })}`;
}
