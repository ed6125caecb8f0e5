import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A merchant's server: reads every request to its end and answers 200, or never where the path is /hang. When the
 * expected number of requests has come, it sends their latencies to its parent; the body's `"at"` (ms since 1970, with
 * fractions) says when a request began.
 */
let latenciesMs: number[] = [];
let count = 0;
let expected = Number.POSITIVE_INFINITY;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", chunk => chunks.push(chunk));
  request.on("end", () => {
    if (request.url === "/hang") return;
    response.end();
    const at = /"at":([\d.]+)/.exec(Buffer.concat(chunks).toString())?.[1];
    if (at !== undefined) latenciesMs.push(performance.timeOrigin + performance.now() - Number(at));
    count += 1;
    if (count === expected) process.send?.({ latenciesMs });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on("message", (message: { expect: number }) => {
  count = 0;
  latenciesMs = [];
  expected = message.expect;
  process.send?.({ ready: true });
});
process.on("disconnect", () => process.exit(0));
