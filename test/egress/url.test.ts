import { describe, expect, test } from "vitest";
import { parseRange } from "../../src/egress/address.ts";
import { checkUrl } from "../../src/egress/url.ts";

const loopback = [parseRange("127.0.0.0/8")!];
const problemOf = (text: string, allow = [] as typeof loopback) => {
  const checked = checkUrl(text, allow);
  return checked.ok ? null : checked.problem;
};

describe("a URL", () => {
  test.each([
    "https://example.com/hooks",
    "https://example.com:8443/a?b=c#d",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://localhost.example.com",
    "HTTPS://EXAMPLE.COM",
  ])("to a public address passes: %s", text => {
    expect(problemOf(text)).toBeNull();
  });

  test.each([
    "https://127.0.0.1",
    "https://2130706433",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://0177.0.0.1",
    "https://127.1",
    "https://127.0.0.1.",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[::127.0.0.1]",
    "https://[0:0:0:0:0:0:0:1]",
    "https://0.0.0.0",
    "https://0",
    "https://[::]",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]",
    "https://[64:ff9b::7f00:1]",
    "https://[ff02::1]",
    "https://100.64.0.1",
    "https://１２７.０.０.１",
    "https://localhost",
    "https://LOCALHOST.",
    "https://a.localhost",
  ])("to a private address is refused, however it is written: %s", text => {
    expect(problemOf(text)).toContain("not public");
  });

  test.each([
    ["", "full URL"],
    ["example.com/hooks", "full URL"],
    ["https://", "full URL"],
    ["https://[fe80::1%25eth0]/", "full URL"],
    ["ftp://example.com", "https://"],
    ["file:///etc/passwd", "https://"],
    ["javascript:alert(1)", "https://"],
    ["http://example.com", "https://"],
    ["http://8.8.8.8", "use https"],
    ["https://user@example.com", "user or password"],
    ["https://user:hush@example.com", "user or password"],
    [`https://example.com/${"a".repeat(2048)}`, "longer"],
  ])("%s is refused with a hint at what to write instead", (text, hint) => {
    expect(problemOf(text)).toContain(hint);
    expect(problemOf(text)).not.toContain("hush");
  });
});

describe("with an allow list", () => {
  test.each(["http://127.0.0.1:8080/x", "https://127.9.9.9", "http://localhost:3000", "http://2130706433/"])(
    "%s passes",
    text => {
      expect(problemOf(text, loopback)).toBeNull();
    },
  );

  test("http to a name passes, because its address is checked when connecting; http to a public address does not", () => {
    expect(problemOf("http://merchant.example/hooks", loopback)).toBeNull();
    expect(problemOf("http://8.8.8.8/hooks", loopback)).toContain("use https");
    expect(problemOf("https://10.0.0.1", loopback)).toContain("not public");
  });
});
