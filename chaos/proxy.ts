import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export type DatabaseProxy = {
  port: number;
  /** Cuts so many connections, each before a COMMIT has reached the server, or after it has, before its answer. */
  cut(where: "before" | "after", times: number): void;
  /** Cuts no more. */
  mend(): void;
  /** So much later comes each piece, in either direction. */
  delay(ms: number): void;
  /**
   * While silent, nothing passes and nothing is closed: as if a cable were cut. Then the connections of that time end,
   * as a system's do that answers to packets of one that it has forgotten.
   */
  silence(isSilent: boolean): void;
  close(): Promise<void>;
};

/** As postgres.js sends it, alone. */
const commit = Buffer.from("commit\0");
/** Command tags of commits: of a batch that was settled, and of one that was kept, which is one statement. */
const committed = /C\0\0\0.(COMMIT|INSERT 0 \d+)\0/;

/** A proxy before a database on loopback. */
export async function startProxy(targetPort: number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  let era = { isSilent: false, ends: new Set<() => void>() };
  let cuts = { where: "before" as "before" | "after", left: 0 };
  let delayMs = 0;

  const server = createServer(client => {
    const own = era;
    const upstream = connect(targetPort, "127.0.0.1");
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
    const way = (to: Socket, isCut: (chunk: Buffer) => boolean) => {
      const late: Buffer[] = [];
      return (chunk: Buffer) => {
        if (own.isSilent) return;
        if (cuts.left > 0 && isCut(chunk)) {
          cuts.left -= 1;
          end();
        } else if (delayMs === 0 && late.length === 0) to.write(chunk);
        else {
          late.push(chunk);
          setTimeout(() => {
            const first = late.shift()!;
            if (!own.isSilent && to.writable) to.write(first);
          }, delayMs);
        }
      };
    };
    client.on(
      "data",
      way(upstream, chunk => cuts.where === "before" && chunk.includes(commit)),
    );
    upstream.on(
      "data",
      way(client, chunk => cuts.where === "after" && committed.test(chunk.toString("latin1"))),
    );
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    cut: (where, times) => {
      cuts = { where, left: times };
    },
    mend: () => {
      cuts = { ...cuts, left: 0 };
    },
    delay: ms => {
      delayMs = ms;
    },
    silence(isSilent) {
      era.isSilent = isSilent;
      if (isSilent) return;
      for (const end of era.ends) end();
      era = { isSilent: false, ends: new Set() };
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
