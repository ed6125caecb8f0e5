import { startRelay } from "../../chaos/relay.ts";

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
  const url = new URL(databaseUrl);
  const relay = await startRelay({ host: url.hostname, port: Number(url.port || 5432) }, () => ({
    toServer(chunk, pass) {
      proxy.toServer(chunk);
      pass(chunk);
    },
    toClient(chunk, pass, end) {
      const passed = proxy.fromServer(chunk);
      if (passed === "cut") end();
      else pass(passed);
    },
  }));
  url.hostname = "127.0.0.1";
  url.port = String(relay.port);
  const proxy: TcpProxy = {
    url: url.href,
    fromServer: chunk => chunk,
    toServer() {},
    silence: relay.silence,
    heal: () => relay.heal(),
    close: relay.close,
  };
  return proxy;
}
