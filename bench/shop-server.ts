import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** The merchant's server of a bench, in a process of its own. */
export type ShopServer = {
  url: string;
  /** Counts from nought; `arrived` resolves once so many requests were answered. */
  expect(count: number): Promise<{ arrived: Promise<void> }>;
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
      return { arrived: message(child).then(() => {}) };
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
