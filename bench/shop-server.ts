import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A merchant's server in a process of its own. */
export type ShopServer = {
  url: string;
  /** Counts requests from 0. `arrived` resolves once `count` have been answered, with the latency of each, in ms. */
  expect(count: number): Promise<{ arrived: Promise<number[]> }>;
  stop(): Promise<void>;
};

export async function startShopServer(): Promise<ShopServer> {
  const child = fork("bench/servers/merchant.ts", { execArgv: ["--import", "tsx"] });
  const { port } = await message<{ port: number }>(child);
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    async expect(count) {
      const ready = message(child);
      child.send({ expect: count });
      await ready;
      return { arrived: message<{ latenciesMs: number[] }>(child).then(result => result.latenciesMs) };
    },
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function message<T>(child: ChildProcess): Promise<T> {
  const [received] = await once(child, "message");
  return received as T;
}
