import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A merchant's server: reads every request to its end and answers 200. Tells its parent when as many have come as it asked for. */
let count = 0;
let expected = Number.POSITIVE_INFINITY;

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.end();
    count += 1;
    if (count === expected) process.send?.({ arrived: count });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on("message", (message: { expect: number }) => {
  count = 0;
  expected = message.expect;
  process.send?.({ ready: true });
});
process.on("disconnect", () => process.exit(0));
