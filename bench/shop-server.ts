import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** The merchant's server of a bench, in a process of its own. */
export type ShopServer = {
  url: string;
  /** Counts from nought; `arrived` resolves once so many requests were answered, with how long each was on its way, in ms. */
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
      return { arrived: message<{ latenciesMs: number[] }>(child).then(told => told.latenciesMs) };
    },
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function message<T>(child: ChildProcess): Promise<T> {
  const [told] = await once(child, "message");
  return told as T;
}
