import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EgressResult } from "../../src/egress/exchange.ts";
import { merchantServer, ok } from "./merchant-server.ts";
import { post, testEgress } from "./test-egress.ts";

const drained = { origins: 0, busy: 0, idle: 0, waiting: 0 };

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("(%i) is an answer and is not followed", async status => {
    const inside = await merchantServer(socket => socket.write(ok("metadata")));
    const server = await merchantServer(socket =>
      socket.write(
        `HTTP/1.1 ${status} Moved\r\nlocation: http://127.0.0.1:${inside.port}/\r\ncontent-length: 0\r\n\r\n`,
      ),
    );
    expect(await testEgress().send(post(server.url))).toMatchObject({ kind: "answer", status });
    expect(inside.connections).toHaveLength(0);
    expect(server.requests).toHaveLength(1);
  });

  test("to the metadata service is not followed", async () => {
    const server = await merchantServer(socket =>
      socket.write(
        "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest/meta-data/\r\ncontent-length: 0\r\n\r\n",
      ),
    );
    const result = await testEgress().send(post(server.url));
    expect(result).toMatchObject({ kind: "answer", status: 302 });
    expect(server.connections).toHaveLength(1);
  });
});

describe("a body", () => {
  test("of exactly the limit is read whole, and its connection stays open", async () => {
    const server = await merchantServer(socket => socket.write(ok("a".repeat(65_536))));
    const egress = testEgress();
    const result = await egress.send(post(server.url));
    expect(result).toMatchObject({ kind: "answer", truncated: false });
    expect(bodyOf(result)).toHaveLength(65_536);
    expect(egress.count().idle).toBe(1);
  });

  test("without end is cut at the limit, and its connection is closed", async () => {
    const chunk = `10000\r\n${"a".repeat(65_536)}\r\n`;
    const server = await merchantServer(socket => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on("drain", more);
      more();
    });
    const egress = testEgress();
    const result = await egress.send(post(server.url));
    expect(result).toMatchObject({ kind: "answer", status: 200, truncated: true });
    expect(bodyOf(result)).toHaveLength(65_536);
    await gone(server.connections[0]!);
    expect(egress.count()).toEqual(drained);
  });

  test("longer than the bytes to keep is read to its end, so that the connection stays open", async () => {
    const server = await merchantServer(socket => socket.write(ok("abcdefgh")));
    const egress = testEgress();
    const result = await egress.send(post(server.url, { keepBytes: 3 }));
    expect(result).toMatchObject({ kind: "answer", body: Buffer.from("abc"), truncated: true });
    expect(egress.count().idle).toBe(1);
  });

  test("that is compressed without being asked for is not decompressed", async () => {
    const bomb = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]).toString("latin1");
    const server = await merchantServer(socket =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 10\r\n\r\n${bomb}`, "latin1"),
    );
    expect(bodyOf(await testEgress().send(post(server.url)))).toEqual(Buffer.from(bomb, "latin1"));
  });
});

describe("a slow server is cut off by the timeout of the whole request", () => {
  const timeoutMs = 15_000;
  // Fake timers affect the timeout of the request only: sockets and the servers' intervals run normally.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each<[string, (socket: Socket) => void]>([
    ["it never answers", () => undefined],
    ["its headers drip", socket => socket.write("HTTP/1.1 200 OK\r\nx: ") && drip(socket, "a")],
    ["it sends interim answers without end", socket => drip(socket, "HTTP/1.1 103 Early Hints\r\n\r\n")],
  ])("when %s", async (_when, answer) => {
    const server = await merchantServer(answer);
    const egress = testEgress();
    const sent = egress.send(post(server.url, { timeoutMs }));
    await server.arrived(1);
    vi.advanceTimersByTime(timeoutMs);
    expect(await sent).toMatchObject({ kind: "timeout", phase: "headers", status: null });
    await gone(server.connections[0]!);
    expect(egress.count()).toEqual(drained);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("when its body drips", async () => {
    vi.useRealTimers();
    const server = await merchantServer(socket => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
      drip(socket, "a");
    });
    const result = await testEgress().send(post(server.url, { timeoutMs: 1000 }));
    expect(result).toMatchObject({ kind: "timeout", phase: "body", status: 200 });
    await gone(server.connections[0]!);
  });

  test("when the lookup of its name never ends", async () => {
    const egress = testEgress({ lookup: () => new Promise(() => undefined) });
    const sent = egress.send(post("https://merchant.example/", { timeoutMs }));
    vi.advanceTimersByTime(timeoutMs);
    expect(await sent).toMatchObject({ kind: "timeout", phase: "connect", status: null });
    expect(egress.count()).toEqual(drained);
  });

  test("when the TLS handshake never ends", async () => {
    const server = await merchantServer(() => undefined);
    const egress = testEgress({ lookup: async () => ["127.0.0.1"] });
    const sent = egress.send(post(`https://merchant.example:${server.port}/`, { timeoutMs }));
    await server.connected(1);
    vi.advanceTimersByTime(timeoutMs);
    expect(await sent).toMatchObject({ kind: "timeout", phase: "connect" });
    await gone(server.connections[0]!);
    expect(egress.count()).toEqual(drained);
  });

  test("and delays neither other servers nor the next request to itself", async () => {
    let isHanging = true;
    const slow = await merchantServer(socket => isHanging || socket.write(ok("late")));
    const quick = await merchantServer(socket => socket.write(ok("x")));
    const egress = testEgress({ limits: { connectionsPerOriginMax: 1 } });
    const hanging = egress.send(post(slow.url, { timeoutMs }));
    await slow.arrived(1);
    expect(await egress.send(post(quick.url))).toMatchObject({ kind: "answer" });
    isHanging = false;
    const next = egress.send(post(slow.url, { timeoutMs: timeoutMs * 2 }));
    vi.advanceTimersByTime(timeoutMs);
    expect(await hanging).toMatchObject({ kind: "timeout" });
    expect(await next).toMatchObject({ kind: "answer", body: Buffer.from("late") });
  });
});

describe("a broken answer is a failure with a code and a sentence", () => {
  test.each<[string, string, string | null]>([
    ["the server resets", "ECONNRESET", null],
    ["the server closes without an answer", "UND_ERR_SOCKET", ""],
    ["the server closes within the headers", "UND_ERR_SOCKET", "HTTP/1.1 200 OK\r\nx: 1"],
    ["the server closes within the body", "UND_ERR_SOCKET", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"],
    ["the server speaks another protocol", "NOT_HTTP", "SSH-2.0-OpenSSH_9.7\r\n"],
    ["the headers have no end", "UND_ERR_HEADERS_OVERFLOW", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(20_000)}\r\n\r\n`],
    [
      "the server switches protocols",
      "UND_ERR_SOCKET",
      "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
  ])("%s: %s", async (_does, code, text) => {
    const server = await merchantServer(socket => {
      if (text === null) socket.resetAndDestroy();
      else socket.end(text);
    });
    const egress = testEgress();
    const result = await egress.send(post(server.url));
    expect(result).toMatchObject({ kind: "network", code, reason: expect.stringMatching(/^(the|no|a) [\w ,'./]+$/) });
    expect(JSON.stringify(result)).not.toContain("127.0.0.1");
    expect(egress.count()).toEqual(drained);
  });

  test("a port without a server", async () => {
    const closed = createServer();
    await new Promise<void>(resolve => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise(resolve => closed.close(resolve));
    const result = await testEgress().send(post(`http://127.0.0.1:${port}/`));
    expect(result).toMatchObject({
      kind: "network",
      code: "ECONNREFUSED",
      reason: "the server refused the connection",
    });
  });

  test("an answer without a request does not become the answer to the next request", async () => {
    const server = await merchantServer((socket, request) => {
      if (request.includes("first")) socket.write(ok("1") + ok("forged"));
      else socket.write(ok("2"));
    });
    const egress = testEgress();
    expect(bodyOf(await egress.send(post(server.url, { body: "first" }))).toString()).toBe("1");
    const second = await egress.send(post(server.url, { body: "second" }));
    expect(second).not.toMatchObject({ body: Buffer.from("forged") });
  });
});

function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 5);
  socket.once("close", () => clearInterval(timer));
}

async function gone(socket: Socket): Promise<void> {
  if (!socket.destroyed) await new Promise(resolve => socket.once("close", resolve));
}

function bodyOf(result: EgressResult): Buffer {
  if (result.kind !== "answer") throw new Error(JSON.stringify(result));
  return result.body;
}
