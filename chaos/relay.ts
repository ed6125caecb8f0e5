import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** What is done with a piece on its way: `pass` sends it, or another in its place, on; `end` ends both sides. */
export type Way = (chunk: Buffer, pass: (chunk: Buffer) => void, end: () => void) => void;

export type Relay = {
  port: number;
  /** From now on nothing is passed on in either direction, and nothing is closed: as if a cable were cut. */
  silence(): void;
  /**
   * Passes on what comes over connections made from now on. Those of before stay as they are, or end with `endsOthers`:
   * as a system's do that answers to packets of one that it has forgotten.
   */
  heal(options?: { endsOthers: boolean }): void;
  close(): Promise<void>;
};

/** A relay on loopback before a server. `waysOf` makes the ways of one connection. */
export async function startRelay(
  target: { host: string; port: number },
  waysOf: () => { toServer: Way; toClient: Way },
): Promise<Relay> {
  const sockets = new Set<Socket>();
  let era = { isSilent: false, ends: new Set<() => void>() };
  const server = createServer(client => {
    const own = era;
    const upstream = connect(target.port, target.host);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    own.ends.add(end);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          if (own.isSilent) return;
          own.ends.delete(end);
          end();
        });
    }
    const passer = (to: Socket, way: Way) => (chunk: Buffer) => {
      const pass = (passed: Buffer) => {
        if (!own.isSilent && to.writable) to.write(passed);
      };
      if (!own.isSilent) way(chunk, pass, end);
    };
    const { toServer, toClient } = waysOf();
    client.on("data", passer(upstream, toServer));
    upstream.on("data", passer(client, toClient));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      era.isSilent = true;
    },
    heal({ endsOthers } = { endsOthers: false }) {
      if (endsOthers) {
        era.isSilent = false;
        for (const end of era.ends) end();
      }
      era = { isSilent: false, ends: new Set() };
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
