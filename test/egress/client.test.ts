import { describe, expect, test } from "vitest";
import { certificate, merchantServer, ok } from "./merchant-server.ts";
import { post, testEgress } from "./test-egress.ts";

describe("a request", () => {
  test("arrives as it was written, and the answer is returned whole", async () => {
    const server = await merchantServer(socket =>
      socket.write(ok('{"a":1}', "X-Shop: 1\r\nset-cookie: a\r\nset-cookie: b\r\n")),
    );
    const result = await testEgress().send(post(server.url, { body: '{"é":1}', headers: { "Webhook-Id": "evt_1" } }));
    expect(result).toEqual({
      kind: "answer",
      status: 200,
      headers: { "content-length": "7", "x-shop": "1", "set-cookie": "a, b" },
      body: Buffer.from('{"a":1}'),
      truncated: false,
      latencyMs: expect.any(Number),
    });
    const [head, body] = server.requests[0]!.split("\r\n\r\n");
    expect(head!.split("\r\n")).toEqual([
      "POST /hooks?a=1 HTTP/1.1",
      `host: 127.0.0.1:${server.port}`,
      "connection: keep-alive",
      "Webhook-Id: evt_1",
      "user-agent: Hakika/0.0.0",
      "accept-encoding: identity",
      "content-length: 8",
    ]);
    expect(Buffer.from(body!, "latin1").toString()).toBe('{"é":1}');
  });

  test("without a body is sent without one, and a Buffer is sent as it is", async () => {
    const server = await merchantServer(socket => socket.write(ok()));
    const egress = testEgress();
    await egress.send(post(server.url, { method: "GET", body: null }));
    await egress.send(post(server.url, { body: Buffer.from([0, 255]) }));
    expect(server.requests[0]).toMatch(/^GET .*\r\n\r\n$/s);
    expect(server.requests[1]!.slice(-2)).toBe("\u0000\u00ff");
  });

  test("with a header that cannot be sent is refused without connecting", async () => {
    const server = await merchantServer(socket => socket.write(ok()));
    const result = await testEgress().send(post(server.url, { headers: { host: "10.0.0.1" } }));
    expect(result).toMatchObject({ kind: "refused", reason: "the header host cannot be set" });
    expect(server.connections).toHaveLength(0);
  });

  test("that is aborted ends at once, before or while it runs, and its connection is closed", async () => {
    const server = await merchantServer(() => undefined);
    const egress = testEgress();
    expect(await egress.send(post(server.url, { signal: AbortSignal.abort() }))).toMatchObject({ code: "ABORTED" });
    expect(server.connections).toHaveLength(0);
    const abort = new AbortController();
    const running = egress.send(post(server.url, { signal: abort.signal }));
    await server.arrived(1);
    const closed = new Promise(resolve => server.connections[0]!.once("close", resolve));
    abort.abort();
    expect(await running).toMatchObject({ kind: "network", code: "ABORTED" });
    await closed;
    expect(egress.count()).toEqual({ origins: 0, busy: 0, idle: 0, waiting: 0 });
  });
});

describe("connections", () => {
  test("are reused, one request at a time", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")));
    const egress = testEgress();
    for (let turn = 0; turn < 20; turn += 1) await egress.send(post(server.url));
    expect(server.requests).toHaveLength(20);
    expect(server.connections).toHaveLength(1);
    expect(egress.count()).toEqual({ origins: 1, busy: 0, idle: 1, waiting: 0 });
  });

  test("to one origin are limited; further requests wait and all are answered", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")));
    const egress = testEgress({ limits: { connectionsPerOriginMax: 3 } });
    const sent = Array.from({ length: 100 }, () => egress.send(post(server.url)));
    expect(egress.count()).toMatchObject({ busy: 3, waiting: 97 });
    for (const result of await Promise.all(sent)) expect(result).toMatchObject({ kind: "answer", status: 200 });
    expect(server.connections).toHaveLength(3);
  });

  test("above the limit are opened for tenants with few connections, and for no other", async () => {
    const server = await merchantServer((socket, request) => request.includes("/quick") && socket.write(ok("x")));
    const egress = testEgress({ limits: { connectionsPerOriginMax: 4, connectionsPerTenantMin: 2 } });
    for (let n = 0; n < 6; n += 1) void egress.send(post(server.url, { tenant: "hanging" }));
    expect(egress.count()).toMatchObject({ busy: 4, waiting: 2 });
    const quick = Array.from({ length: 20 }, () =>
      egress.send(post(new URL("/quick", server.url).href, { tenant: "quick" })),
    );
    expect(egress.count()).toMatchObject({ busy: 6, waiting: 20 });
    for (const result of await Promise.all(quick)) expect(result).toMatchObject({ kind: "answer" });
    void egress.send(post(server.url, { tenant: "hanging" }));
    expect(egress.count()).toMatchObject({ busy: 4, waiting: 3 });
    expect(server.connections).toHaveLength(6);
  });

  test("are waited for in a bounded queue, which a request leaves when it times out", async () => {
    const server = await merchantServer(() => undefined);
    const egress = testEgress({ limits: { connectionsPerOriginMax: 1, waitingPerOriginMax: 1 } });
    const hanging = egress.send(post(server.url));
    const waiting = egress.send(post(server.url, { timeoutMs: 20 }));
    expect(await egress.send(post(server.url))).toMatchObject({ kind: "network", code: "EGRESS_BUSY" });
    expect(await waiting).toMatchObject({ kind: "timeout", phase: "queue", status: null });
    expect(egress.count()).toMatchObject({ busy: 1, waiting: 0 });
    await egress.close();
    expect(await hanging).toMatchObject({ kind: "network", code: "EGRESS_CLOSED" });
  });

  test("to a server that closes after each answer are opened again, and no request is lost", async () => {
    const server = await merchantServer(socket => socket.end(ok("x", "connection: close\r\n")));
    const egress = testEgress({ limits: { connectionsPerOriginMax: 2 } });
    const results = await Promise.all(Array.from({ length: 20 }, () => egress.send(post(server.url))));
    expect(results.map(result => result.kind)).toEqual(Array.from({ length: 20 }, () => "answer"));
    expect(server.requests).toHaveLength(20);
  });

  test("that the server closes while they are idle are not used again", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")));
    const egress = testEgress();
    await egress.send(post(server.url));
    const closed = new Promise(resolve => server.connections[0]!.once("close", resolve));
    server.connections[0]!.end();
    await closed;
    expect(await egress.send(post(server.url))).toMatchObject({ status: 200 });
    expect(server.connections).toHaveLength(2);
  });

  test("to more origins than the limit are closed, those of unused origins first", async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => merchantServer(socket => socket.write(ok("x")))));
    const egress = testEgress({ limits: { originsMax: 2 } });
    const evicted = new Promise(resolve =>
      servers[1]!.arrived(1).then(() => servers[1]!.connections[0]!.once("close", resolve)),
    );
    for (const at of [0, 1, 0, 2, 3]) await egress.send(post(servers[at]!.url));
    await evicted;
    expect(egress.count()).toEqual({ origins: 2, busy: 0, idle: 2, waiting: 0 });
  });

  test("are not opened after the client is closed", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")));
    const egress = testEgress();
    await egress.send(post(server.url));
    await egress.close();
    expect(await egress.send(post(server.url))).toMatchObject({ kind: "network", code: "EGRESS_CLOSED" });
    expect(server.connections).toHaveLength(1);
  });
});

describe("TLS", () => {
  const lookup = async () => ["127.0.0.1"];

  test("is accepted with a trusted certificate for that name", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")), { tls: true });
    const result = await testEgress({ lookup, ca: certificate }).send(post(server.url));
    expect(result).toMatchObject({ kind: "answer", status: 200, body: Buffer.from("x") });
  });

  test("is refused with a certificate of an unknown authority, and no request is sent", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")), { tls: true });
    const result = await testEgress({ lookup }).send(post(server.url));
    expect(result).toMatchObject({ kind: "network", code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(server.requests).toHaveLength(0);
  });

  test("is refused with a certificate for another name", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")), { tls: true });
    const result = await testEgress({ lookup, ca: certificate }).send(post(`https://other.example:${server.port}/`));
    expect(result).toMatchObject({ kind: "network", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(server.requests).toHaveLength(0);
  });

  test("with a server that does not speak TLS fails as a value", async () => {
    const server = await merchantServer(socket => socket.write(ok("x")));
    const closing = testEgress({ lookup }).send(post(`https://merchant.example:${server.port}/`));
    await server.connected(1);
    server.connections[0]!.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect(await closing).toMatchObject({ kind: "network", reason: expect.stringContaining("encrypted connection") });
  });
});
