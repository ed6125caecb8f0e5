import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import { describe, expect, test } from "vitest";
import { parseRange } from "../../src/egress/address.ts";
import { guardedConnectors } from "../../src/egress/guard.ts";
import { merchantServer, ok } from "./merchant-server.ts";
import { post, testEgress } from "./test-egress.ts";

describe("without an allow list, no address of this machine is connected to", () => {
  test.each([
    "https://127.0.0.1",
    "https://2130706433",
    "https://0x7f.1",
    "https://0177.0.0.1",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://0.0.0.0",
    "https://localhost",
    "http://127.0.0.1",
    "http://localhost",
  ])("%s", async origin => {
    const server = await merchantServer(socket => socket.write(ok()));
    const result = await testEgress({ allow: [] }).send(post(`${origin}:${server.port}/`));
    expect(result).toMatchObject({ kind: "refused" });
    expect(server.connections).toHaveLength(0);
  });

  test.each([
    ["private", ["10.0.0.1"]],
    ["loopback", ["127.0.0.1"]],
    ["mapped", ["::ffff:127.0.0.1"]],
    ["mixed, the private one last", ["8.8.8.8", "127.0.0.1"]],
    ["mixed, the private one first", ["127.0.0.1", "8.8.8.8"]],
    ["mixed of both families", ["8.8.8.8", "::1"]],
    ["metadata", ["169.254.169.254"]],
    ["NAT64", ["64:ff9b::7f00:1"]],
    ["unique local", ["fd00::1"]],
    ["multicast", ["224.0.0.1"]],
    ["none at all", ["merchant.example"]],
  ])("a name whose addresses are %s is refused", async (_kind, addresses) => {
    const server = await merchantServer(socket => socket.write(ok()));
    const egress = testEgress({ allow: [], lookup: async () => addresses });
    const result = await egress.send(post(`https://merchant.example:${server.port}/`));
    expect(result).toMatchObject({ kind: "refused" });
    expect(JSON.stringify(result)).not.toContain(addresses.at(-1));
    expect(server.connections).toHaveLength(0);
  });
});

test("a name whose addresses change is checked again for every connection", async () => {
  const server = await merchantServer(socket => socket.end(ok("x", "connection: close\r\n")));
  const answers = [["127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2"], ["127.0.0.1"]];
  const egress = testEgress({ allow: [parseRange("127.0.0.1")!], lookup: async () => answers.shift()! });
  const kinds: string[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    kinds.push((await egress.send(post(`http://merchant.example:${server.port}/`))).kind);
  }
  expect(kinds).toEqual(["answer", "refused", "refused", "answer"]);
  expect(server.connections).toHaveLength(2);
});

test("a reused connection needs no second lookup", async () => {
  const server = await merchantServer(socket => socket.write(ok("x")));
  let lookups = 0;
  const lookup = async () => {
    lookups += 1;
    return lookups === 1 ? ["127.0.0.1"] : ["10.0.0.1"];
  };
  const egress = testEgress({ lookup });
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await egress.send(post(`http://merchant.example:${server.port}/`))).toMatchObject({ kind: "answer" });
  }
  expect(lookups).toBe(1);
});

test("http to a name is refused where the allow list does not cover its address, public or not", async () => {
  const egress = testEgress({ allow: [parseRange("10.0.0.0/8")!], lookup: async () => ["8.8.8.8"] });
  expect(await egress.send(post("http://merchant.example/"))).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("use https"),
  });
});

test("a name that does not exist or cannot be looked up is a network failure", async () => {
  for (const code of ["ENOTFOUND", "EAI_AGAIN"]) {
    const lookup = () => Promise.reject(Object.assign(new Error("10.0.0.1"), { code }));
    const result = await testEgress({ lookup }).send(post("https://merchant.example/"));
    expect(result).toMatchObject({ kind: "network", code, reason: expect.stringContaining("name") });
    expect(JSON.stringify(result)).not.toContain("10.0.0.1");
  }
  const empty = await testEgress({ lookup: async () => [] }).send(post("https://merchant.example/"));
  expect(empty).toMatchObject({ kind: "network", code: "ENOTFOUND" });
});

test("a literal address is checked before connecting, although it is never looked up", async () => {
  const build = () => () => expect.unreachable();
  const connectors = guardedConnectors({
    allow: [],
    lookup: async () => expect.unreachable(),
    build: build as typeof buildConnector,
  });
  for (const hostname of ["127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1"]) {
    const error = await new Promise(resolve => {
      connectors.https({ hostname, protocol: "https:", port: "443" }, (...outcome) => resolve(outcome[0]));
    });
    expect(error).toMatchObject({ code: "EGRESS_REFUSED" });
  }
});

describe("the address that a socket has connected to is checked, whatever the lookup returned", () => {
  test.each([
    ["127.0.0.1", "EGRESS_REFUSED"],
    ["::ffff:10.0.0.1", "EGRESS_REFUSED"],
    [undefined, "ECONNRESET"],
  ])("%s", async (remoteAddress, code) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress, isDestroyed: false, destroy: () => {} });
    socket.destroy = () => {
      socket.isDestroyed = true;
    };
    const build = () => (_options: buildConnector.Options, callback: buildConnector.Callback) =>
      callback(null, socket as unknown as Socket);
    const { https } = guardedConnectors({
      allow: [],
      lookup: async () => ["8.8.8.8"],
      build: build as typeof buildConnector,
    });
    const error = await new Promise<Error | null>(resolve => {
      https({ hostname: "merchant.example", protocol: "https:", port: "443" }, (...outcome) => resolve(outcome[0]));
    });
    expect(error).toMatchObject({ code });
    expect(socket.isDestroyed).toBe(true);
  });

  test("a public address passes", async () => {
    const socket = { remoteAddress: "8.8.8.8" } as Socket;
    const build = () => (_options: buildConnector.Options, callback: buildConnector.Callback) => callback(null, socket);
    const { https } = guardedConnectors({ allow: [], lookup: async () => [], build: build as typeof buildConnector });
    const connected = await new Promise(resolve => {
      https({ hostname: "merchant.example", protocol: "https:", port: "443" }, (...outcome) => resolve(outcome[1]));
    });
    expect(connected).toBe(socket);
  });
});
