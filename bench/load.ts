import { connect, type Socket } from "node:net";

/** A load: `connections` sockets, each with one request at a time, until `total` answers have come. */
export type Load = {
  port: number;
  path: string;
  connections: number;
  total: number;
  /** Requests a second over all connections. Where absent, requests are sent as fast as they are answered. */
  rate?: number;
  bodyOf: (n: number) => string;
  /** Called when request `n` is written. */
  onSent?: (n: number) => void;
};

export type LoadResult = { seconds: number; perSecond: number; latenciesMs: Float64Array; failures: number };

/**
 * A load generator on plain sockets. It needs about a third of an HTTP client's CPU, which leaves more for the server
 * under test on the same machine.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const latenciesMs = new Float64Array(load.total);
  let next = 0;
  let done = 0;
  let failures = 0;
  const started = performance.now();
  const due = (n: number) => (load.rate ? started + (n / load.rate) * 1000 : 0);
  await new Promise<void>((resolve, reject) => {
    for (let c = 0; c < load.connections; c += 1) {
      const socket: Socket = connect(load.port, "127.0.0.1");
      socket.setNoDelay(true);
      socket.on("error", reject);
      let sentAt = 0;
      let current = -1;
      let buffered = "";
      const send = () => {
        if (next >= load.total) {
          socket.end();
          return;
        }
        const n = next;
        next += 1;
        const wait = due(n) - performance.now();
        if (wait > 1) setTimeout(() => write(n), wait);
        else write(n);
      };
      const write = (n: number) => {
        current = n;
        const body = load.bodyOf(n);
        const head = `POST ${load.path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
        sentAt = performance.now();
        load.onSent?.(n);
        socket.write(head + body);
      };
      socket.on("data", chunk => {
        buffered += chunk.toString("latin1");
        const end = buffered.indexOf("\r\n\r\n");
        if (end === -1) return;
        const length = Number(/content-length: (\d+)/i.exec(buffered)?.[1] ?? 0);
        if (buffered.length < end + 4 + length) return;
        if (!buffered.startsWith("HTTP/1.1 200")) failures += 1;
        buffered = "";
        latenciesMs[current] = performance.now() - sentAt;
        done += 1;
        if (done === load.total) resolve();
        send();
      });
      socket.on("connect", send);
    }
  });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, perSecond: load.total / seconds, latenciesMs: latenciesMs.sort(), failures };
}

export function percentile(sorted: ArrayLike<number>, p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
}
