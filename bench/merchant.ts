import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Merchant = {
  url: string;
  /** Resolves with the time of each payment's first event, once all `count` payments of a run were told. */
  expect(run: string, count: number): Promise<Float64Array>;
  /** Payments of the present run that were told more than once. */
  repeats(): number;
  close(): void;
};

/** A merchant that answers 200 at once and notes when the first event of each payment arrives. */
export async function startMerchant(): Promise<Merchant> {
  let name = "";
  let arrivals = new Float64Array(0);
  let left = 0;
  let repeated = 0;
  let done: (arrivals: Float64Array) => void = () => {};
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1");
    request.on("data", chunk => {
      body += chunk;
    });
    request.on("end", () => {
      response.end();
      const match = /"checkout_request_id":"ws_CO_([a-z0-9]+)_(\d+)"/.exec(body);
      if (match?.[1] !== name) return;
      const n = Number(match[2]);
      if (arrivals[n] !== 0) {
        repeated += 1;
        return;
      }
      arrivals[n] = performance.now();
      left -= 1;
      if (left === 0) done(arrivals);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    expect(run, count) {
      name = run;
      arrivals = new Float64Array(count);
      left = count;
      repeated = 0;
      return new Promise(resolve => {
        done = resolve;
      });
    },
    repeats: () => repeated,
    close: () => server.close(),
  };
}
