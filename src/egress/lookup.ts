import { Resolver, lookup as systemLookup } from "node:dns/promises";
import { setTimeout as wait } from "node:timers/promises";
import { hostsFile } from "./hosts.ts";

/** The addresses of a name, in the order they should be tried. Rejects with `ENOTFOUND` or `EAI_AGAIN`. */
export type DnsLookup = (name: string) => Promise<string[]>;

/** DNS itself; a name that has none of the asked kind rejects with `ENODATA` or `ENOTFOUND`. */
export type Dns = { resolve4(name: string): Promise<string[]>; resolve6(name: string): Promise<string[]> };

/** RFC 8305, section 3, has 50 ms: how long IPv4 answers wait for IPv6's. */
const resolutionDelayMs = 50;

/** Of libuv's four threads, so that the rest stay free for files: the spool's syncs run there too. */
const systemLookupsMax = 2;
const systemWaitingMax = 256;

/**
 * A lookup that a merchant's dead name server cannot clog. `getaddrinfo` holds one of four threads until it gives up, ten seconds
 * and more, and every other name and file waits behind it. So: the hosts file, then DNS without threads, and the system's own lookup,
 * two at a time, only for what DNS does not know: names without a dot, search domains, whatever else the system is set up for.
 */
export function makeLookup(
  options: { hosts?: () => Promise<ReadonlyMap<string, string[]>>; dns?: () => Dns; system?: DnsLookup } = {},
): DnsLookup {
  const hosts = options.hosts ?? hostsFile();
  const newDns = options.dns ?? (() => new Resolver({ timeout: 2000, tries: 2 }));
  const system = bounded(options.system ?? wholeSystem);
  let dns: Dns | null = null;

  return async name => {
    const bare = name.toLowerCase().replace(/\.$/, "");
    const listed = (await hosts()).get(bare);
    if (listed !== undefined) return listed;
    if (!bare.includes(".") || bare.endsWith(".localhost")) return system(bare);
    dns ??= newDns();
    const answer = await ask(dns, bare);
    if (answer.kind === "addresses") return answer.addresses;
    if (answer.kind === "none") return system(bare);
    // The servers it was made with may no longer be the machine's.
    dns = null;
    throw lookupFailure("EAI_AGAIN");
  };
}

type DnsAnswer = { kind: "addresses"; addresses: string[] } | { kind: "none" } | { kind: "failed" };

/** IPv4 first: where a machine has no IPv6, the first attempt is not a lost one. */
async function ask(dns: Dns, name: string): Promise<DnsAnswer> {
  const v6 = settled(dns.resolve6(name));
  const first = await settled(dns.resolve4(name));
  if (first.kind !== "addresses") {
    const second = await v6;
    return second.kind === "none" ? first : second;
  }
  const stop = new AbortController();
  const late = wait(resolutionDelayMs, undefined, { signal: stop.signal }).catch(() => undefined);
  const second = await Promise.race([v6, late]);
  stop.abort();
  return second?.kind === "addresses" ? { ...first, addresses: [...first.addresses, ...second.addresses] } : first;
}

function settled(asked: Promise<string[]>): Promise<DnsAnswer> {
  return asked.then(
    addresses => (addresses.length > 0 ? { kind: "addresses", addresses } : { kind: "none" }),
    ({ code }: NodeJS.ErrnoException) =>
      code === "ENOTFOUND" || code === "ENODATA" ? { kind: "none" } : { kind: "failed" },
  );
}

async function wholeSystem(name: string): Promise<string[]> {
  const answers = await systemLookup(name, { all: true }).catch(({ code }: NodeJS.ErrnoException) => {
    throw lookupFailure(code === "ENOTFOUND" ? "ENOTFOUND" : "EAI_AGAIN");
  });
  return answers.map(answer => answer.address);
}

function bounded(lookup: DnsLookup): DnsLookup {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async name => {
    if (running >= systemLookupsMax) {
      if (waiting.length >= systemWaitingMax) throw lookupFailure("EAI_AGAIN");
      // Whoever wakes this one hands its place over, so `running` stays as it is.
      await new Promise<void>(resolve => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await lookup(name);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

function lookupFailure(code: "ENOTFOUND" | "EAI_AGAIN"): Error {
  return Object.assign(new Error("the name could not be looked up"), { code });
}
