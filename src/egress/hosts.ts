import { readFile } from "node:fs/promises";
import { isIP } from "node:net";

const systemHostsFile = process.platform === "win32" ? "C:\\Windows\\System32\\drivers\\etc\\hosts" : "/etc/hosts";

/** How long the file is cached, in ms. Edits take effect without a restart. */
const rereadMs = 5000;

/** A reader of the hosts file: addresses by name in lower case. A missing file has no names. */
export function hostsFile(path: string = systemHostsFile): () => Promise<ReadonlyMap<string, string[]>> {
  let read: Promise<ReadonlyMap<string, string[]>> | null = null;
  let readAtMs = 0;
  return () => {
    const nowMs = performance.now();
    if (read === null || nowMs - readAtMs > rereadMs) {
      readAtMs = nowMs;
      read = readFile(path, "utf8").then(parseHosts, () => new Map());
    }
    return read;
  };
}

/** Parses lines of `address name name… # comment`, see hosts(5). */
export function parseHosts(text: string): Map<string, string[]> {
  const addresses = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      addresses.set(key, [...(addresses.get(key) ?? []), address]);
    }
  }
  return addresses;
}
