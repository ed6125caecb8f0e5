import { readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import type { Layout } from "./layout.ts";

/**
 * Below the ports that systems hand out for outgoing connections (Linux from 32768), which could take it while the
 * program is stopped.
 */
const portRange = { from: 20_000, count: 12_000 } as const;
const triesMax = 50;

/** The port of the last start, so that addresses stay true; the server itself finds out whether it is still free. */
export function rememberedPort(layout: Layout): number | null {
  try {
    return Number(readFileSync(layout.port, "utf8")) || null;
  } catch {
    return null;
  }
}

export function rememberPort(layout: Layout, port: number): void {
  writeFileSync(layout.port, `${port}\n`);
}

/** A loopback port without a listener at this moment. */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let tries = 0; tries < triesMax; tries++) {
    const port = await tryPort(portRange.from + Math.floor(random() * portRange.count));
    if (port !== null) return port;
  }
  const port = await tryPort(0);
  if (port === null) throw new Error("There is no free port on 127.0.0.1 for the embedded PostgreSQL.");
  return port;
}

function tryPort(wanted: number): Promise<number | null> {
  const server = net.createServer();
  return new Promise(resolve => {
    server.once("error", () => resolve(null));
    server.listen({ host: "127.0.0.1", port: wanted, exclusive: true }, () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
