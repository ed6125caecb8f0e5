import { Resolver, lookup as systemLookup } from "node:dns/promises";
import { setTimeout as wait } from "node:timers/promises";
import { hostsFile } from "./hosts.ts";

/** Resolves a name to addresses, in the order to try them. Rejects with `ENOTFOUND` or `EAI_AGAIN`. */
export type DnsLookup = (name: string) => Promise<string[]>;

/** A DNS resolver. Rejects with `ENODATA` or `ENOTFOUND` where the name has no address of that family. */
export type Dns = { resolve4(name: string): Promise<string[]>; resolve6(name: string): Promise<string[]> };

/** How long IPv4 answers wait for IPv6 answers, in ms: RFC 8305, section 3. */
const resolutionDelayMs = 50;

/** System lookups at once: two of libuv's four threads. The other two are left to files, such as the spool's syncs. */
const systemLookupsMax = 2;
const systemWaitingMax = 256;

/**
 * A DNS lookup that a merchant's dead name server cannot block. `getaddrinfo` blocks one of libuv's four threads for
 * ten seconds and more, and all other names and files wait behind it. This lookup reads the hosts file, then asks DNS,
 * which needs no thread, and uses `getaddrinfo`, two at a time, only for names that DNS does not know: names without a
 * dot, search domains, and whatever else the system is configured for.
 */
export function createLookup(
  options: { hosts?: () => Promise<ReadonlyMap<string, string[]>>; dns?: () => Dns; system?: DnsLookup } = {},
): DnsLookup {
  const hosts = options.hosts ?? hostsFile();
  const newDns = options.dns ?? (() => new Resolver({ timeout: 2000, tries: 2 }));
  const systemAddresses = limited(options.system ?? addressesOfSystem);
  let dns: Dns | null = null;

  return async name => {
    const bare = name.toLowerCase().replace(/\.$/, "");
    const listed = (await hosts()).get(bare);
    if (listed !== undefined) return listed;
    if (!bare.includes(".") || bare.endsWith(".localhost")) return systemAddresses(bare);
    dns ??= newDns();
    const answer = await resolve(dns, bare);
    if (answer.kind === "addresses") return answer.addresses;
    if (answer.kind === "none") return systemAddresses(bare);
    // The next lookup makes a new resolver: the machine's name servers may have changed.
    dns = null;
    throw lookupError("EAI_AGAIN");
  };
}

type DnsAnswer = { kind: "addresses"; addresses: string[] } | { kind: "none" } | { kind: "failed" };

/** The addresses of both families, IPv4 first: on a machine without IPv6 the first attempt to connect then succeeds. */
async function resolve(dns: Dns, name: string): Promise<DnsAnswer> {
  const ipv6 = answerOf(dns.resolve6(name));
  const ipv4 = await answerOf(dns.resolve4(name));
  if (ipv4.kind !== "addresses") {
    const other = await ipv6;
    return other.kind === "none" ? ipv4 : other;
  }
  const delay = new AbortController();
  const isLate = wait(resolutionDelayMs, undefined, { signal: delay.signal }).catch(() => undefined);
  const other = await Promise.race([ipv6, isLate]);
  delay.abort();
  return other?.kind === "addresses" ? { ...ipv4, addresses: [...ipv4.addresses, ...other.addresses] } : ipv4;
}

function answerOf(query: Promise<string[]>): Promise<DnsAnswer> {
  return query.then(
    addresses => (addresses.length > 0 ? { kind: "addresses", addresses } : { kind: "none" }),
    ({ code }: NodeJS.ErrnoException) =>
      code === "ENOTFOUND" || code === "ENODATA" ? { kind: "none" } : { kind: "failed" },
  );
}

async function addressesOfSystem(name: string): Promise<string[]> {
  const answers = await systemLookup(name, { all: true }).catch(({ code }: NodeJS.ErrnoException) => {
    throw lookupError(code === "ENOTFOUND" ? "ENOTFOUND" : "EAI_AGAIN");
  });
  return answers.map(answer => answer.address);
}

/** Runs at most `systemLookupsMax` lookups at once; further ones wait, at most `systemWaitingMax`. */
function limited(lookup: DnsLookup): DnsLookup {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async name => {
    if (running >= systemLookupsMax) {
      if (waiting.length >= systemWaitingMax) throw lookupError("EAI_AGAIN");
      // The lookup that ends hands its place to this one: `running` stays the same.
      await new Promise<void>(start => waiting.push(start));
    } else {
      running += 1;
    }
    try {
      return await lookup(name);
    } finally {
      const startNext = waiting.shift();
      if (startNext === undefined) running -= 1;
      else startNext();
    }
  };
}

function lookupError(code: "ENOTFOUND" | "EAI_AGAIN"): Error {
  return Object.assign(new Error("the name could not be looked up"), { code });
}
