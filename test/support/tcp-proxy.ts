import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export type TcpProxy = {
  /** The same address, through the proxy. */
  url: string;
  /** Told of each piece on its way from the server; returns what is passed on, or `cut` to end both sides instead. */
  fromServer: (chunk: Buffer) => Buffer | "cut";
  /** Told of each piece on its way to the server. */
  toServer: (chunk: Buffer) => void;
  /** From now on nothing is passed on in either direction, and nothing is closed: as if a cable were cut. */
  silence(): void;
  /** Passes on what comes over connections made from now on; the silent ones stay silent. */
  heal(): void;
  close(): Promise<void>;
};

/** A proxy before a database that a test can listen to, cut and silence. */
export async function tcpProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let generation = { isSilent: false };
  const server = createServer(client => {
    const own = generation;
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          if (own.isSilent) return;
          client.destroy();
          upstream.destroy();
        });
    }
    client.on("data", chunk => {
      if (own.isSilent) return;
      proxy.toServer(chunk);
      upstream.write(chunk);
    });
    upstream.on("data", chunk => {
      if (own.isSilent) return;
      const passed = proxy.fromServer(chunk);
      if (passed !== "cut") {
        client.write(passed);
        return;
      }
      client.destroy();
      upstream.destroy();
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const proxy: TcpProxy = {
    url: url.href,
    fromServer: chunk => chunk,
    toServer() {},
    silence() {
      generation.isSilent = true;
    },
    heal() {
      generation = { isSilent: false };
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
