import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostsFile, parseHosts } from "../../src/egress/hosts.ts";
import { createLookup, type Dns } from "../../src/egress/lookup.ts";

const noHosts = async () => new Map<string, string[]>();
const fails = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
const never = () => new Promise<never>(() => undefined);

function dnsOf(v4: Promise<string[]>, v6: Promise<string[]>): () => Dns {
  v4.catch(() => undefined);
  v6.catch(() => undefined);
  return () => ({ resolve4: () => v4, resolve6: () => v6 });
}

test("the hosts file is read before DNS, and its names match in any case of letters", async () => {
  const hosts = async () => parseHosts("# local\n10.1.1.1 Merchant.Example shop # note\n::1 shop\nnonsense shop\n");
  const lookup = createLookup({ hosts, dns: dnsOf(fails("EFAIL"), fails("EFAIL")), system: never });
  expect(await lookup("MERCHANT.example.")).toEqual(["10.1.1.1"]);
  expect(await lookup("shop")).toEqual(["10.1.1.1", "::1"]);
});

test("a missing hosts file has no names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hakika-hosts-"));
  expect((await hostsFile(join(folder, "absent"))()).size).toBe(0);
  writeFileSync(join(folder, "hosts"), "192.0.2.1 a.example\r\n");
  expect([...(await hostsFile(join(folder, "hosts"))())]).toEqual([["a.example", ["192.0.2.1"]]]);
  rmSync(folder, { recursive: true });
});

test("the addresses of both families are returned, IPv4 first", async () => {
  const dns = dnsOf(Promise.resolve(["192.0.2.1"]), Promise.resolve(["2001:db8::1"]));
  expect(await createLookup({ hosts: noHosts, dns })("a.example")).toEqual(["192.0.2.1", "2001:db8::1"]);
});

test("a name server that never answers for IPv6 does not delay the IPv4 addresses", async () => {
  const dns = dnsOf(Promise.resolve(["192.0.2.1"]), never());
  expect(await createLookup({ hosts: noHosts, dns })("a.example")).toEqual(["192.0.2.1"]);
});

test("a name with IPv6 only has its IPv6 addresses", async () => {
  const dns = dnsOf(fails("ENODATA"), Promise.resolve(["2001:db8::1"]));
  expect(await createLookup({ hosts: noHosts, dns })("a.example")).toEqual(["2001:db8::1"]);
});

test("the system resolves the names that DNS does not know, and not those for which DNS fails", async () => {
  const asked: string[] = [];
  const system = async (name: string) => {
    asked.push(name);
    return ["192.0.2.9"];
  };
  const unknown = createLookup({ hosts: noHosts, dns: dnsOf(fails("ENOTFOUND"), fails("ENODATA")), system });
  expect(await unknown("svc.namespace")).toEqual(["192.0.2.9"]);
  expect(await unknown("shop")).toEqual(["192.0.2.9"]);
  const dead = createLookup({ hosts: noHosts, dns: dnsOf(fails("ETIMEOUT"), fails("ESERVFAIL")), system });
  await expect(dead("dead.example")).rejects.toMatchObject({ code: "EAI_AGAIN" });
  expect(asked).toEqual(["svc.namespace", "shop"]);
});

test("after a failure a new resolver is made, because the machine's name servers may have changed", async () => {
  const resolvers = [
    dnsOf(fails("ETIMEOUT"), fails("ETIMEOUT")),
    dnsOf(Promise.resolve(["192.0.2.1"]), fails("ENODATA")),
  ];
  const lookup = createLookup({ hosts: noHosts, dns: () => resolvers.shift()!() });
  await expect(lookup("a.example")).rejects.toThrow();
  expect(await lookup("a.example")).toEqual(["192.0.2.1"]);
});

test("at most two system lookups run at once, 256 wait and all of them run, and further ones are refused", async () => {
  let running = 0;
  let runningMost = 0;
  const release: (() => void)[] = [];
  const system = async (name: string) => {
    running += 1;
    runningMost = Math.max(running, runningMost);
    await new Promise<void>(resolve => release.push(resolve));
    running -= 1;
    return [name];
  };
  const lookup = createLookup({ hosts: noHosts, dns: dnsOf(never(), never()), system });
  const asked = Array.from({ length: 260 }, (_, index) => lookup(`host${index}`));
  const outcomes = Promise.allSettled(asked);
  await Promise.allSettled(asked.slice(258));
  for (let turn = 0; turn < 258; turn += 1) {
    while (release.length === 0) await Promise.resolve();
    release.shift()!();
  }
  const settled = await outcomes;
  expect(runningMost).toBe(2);
  expect(settled.filter(outcome => outcome.status === "fulfilled")).toHaveLength(258);
});
