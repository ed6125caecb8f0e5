import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressProblem, isCovered, parseRange } from "../../src/egress/address.ts";

const range = (text: string) => parseRange(text)!;

describe("without an allow list", () => {
  test.each([
    ["loopback", "127.0.0.1"],
    ["loopback", "127.255.255.254"],
    ["loopback", "::1"],
    ["unspecified", "0.0.0.0"],
    ["unspecified", "0.1.2.3"],
    ["unspecified", "::"],
    ["private", "10.1.2.3"],
    ["private", "172.16.0.1"],
    ["private", "192.168.1.1"],
    ["linkLocal", "169.254.169.254"],
    ["linkLocal", "fe80::1"],
    ["linkLocal", "fe80::1%eth0"],
    ["carrierGradeNat", "100.64.0.1"],
    ["carrierGradeNat", "100.100.100.200"],
    ["multicast", "224.0.0.1"],
    ["multicast", "ff02::1"],
    ["broadcast", "255.255.255.255"],
    ["reserved", "240.0.0.1"],
    ["reserved", "192.0.2.1"],
    ["reserved", "198.18.0.1"],
    ["reserved", "2001:db8::1"],
    ["metadata", "168.63.129.16"],
    ["uniqueLocal", "fd00:ec2::254"],
    ["uniqueLocal", "fc00::1"],
    ["loopback", "::ffff:127.0.0.1"],
    ["private", "::ffff:a01:203"],
    ["rfc6052", "64:ff9b::7f00:1"],
    ["rfc6052", "64:ff9b:1::a9fe:a9fe"],
    ["6to4", "2002:7f00:1::"],
    ["teredo", "2001:0:53aa:64c:0:0:80ff:fffe"],
    ["deprecatedSiteLocal", "fec0::1"],
    ["reserved", "::7f00:1"],
    ["reserved", "4000::1"],
  ])("an address that is %s is refused: %s", (kind, address) => {
    expect(addressProblem(address, [], false)).toContain(`(${kind})`);
  });

  test.each(["8.8.8.8", "196.201.214.200", "2606:4700::1111", "::ffff:8.8.8.8"])(
    "a public address passes: %s",
    address => {
      expect(addressProblem(address, [], false)).toBeNull();
    },
  );

  test.each(["", "localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "1.2.3.4.5"])(
    "text that is not an address is refused: %j",
    text => {
      expect(addressProblem(text, [], false)).not.toBeNull();
    },
  );

  test("http is refused for every address", () => {
    expect(addressProblem("8.8.8.8", [], true)).toContain("use https");
  });
});

describe("with an allow list", () => {
  test("the addresses of the list pass, over http too, and no other private address does", () => {
    const allow = [range("10.0.0.0/8"), range("::1")];
    expect(addressProblem("10.9.9.9", allow, true)).toBeNull();
    expect(addressProblem("::ffff:10.9.9.9", allow, true)).toBeNull();
    expect(addressProblem("::1", allow, false)).toBeNull();
    expect(addressProblem("11.0.0.1", allow, false)).toBeNull();
    expect(addressProblem("11.0.0.1", allow, true)).not.toBeNull();
    expect(addressProblem("127.0.0.1", allow, false)).not.toBeNull();
    expect(addressProblem("::2", allow, false)).not.toBeNull();
  });

  test("a range of IPv4-mapped addresses covers IPv4 addresses", () => {
    expect(isCovered("10.9.9.9", [range("::ffff:10.0.0.0/104")])).toBe(true);
    expect(isCovered("11.9.9.9", [range("::ffff:10.0.0.0/104")])).toBe(false);
  });
});

test("the reason never contains the address, so that a merchant cannot resolve internal names", () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(fc.property(address, text => text === "::" || !addressProblem(text, [], true)?.includes(text)));
});

test("every IPv6 address that passes is in 2000::/3", () => {
  fc.assert(
    fc.property(fc.ipV6(), text => {
      if (addressProblem(text, [], false) === null && !text.toLowerCase().startsWith("::ffff:")) {
        expect(isCovered(text, [range("2000::/3"), range("0.0.0.0/0")])).toBe(true);
      }
    }),
  );
});

test.each([
  "10.0.0.0/33",
  "::/129",
  "10/8",
  "10.0.0.0/8/8",
  "10.0.0.0/",
  "10.0.0.0/-1",
  "0x0a.0.0.0/8",
  "fe80::1%eth0/64",
  "all",
])("%s is not a range", text => {
  expect(parseRange(text)).toBeNull();
});
