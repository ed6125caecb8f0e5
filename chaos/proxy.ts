import { startRelay, type Way } from "./relay.ts";

export type DatabaseProxy = {
  port: number;
  /** Cuts so many connections, each before a COMMIT has reached the server, or after it has, before its answer. */
  cut(where: "before" | "after", times: number): void;
  /** Cuts no more. */
  mend(): void;
  /** So much later comes each piece, in either direction. */
  delay(ms: number): void;
  /** While silent, nothing passes and nothing is closed. Then the connections of that time end. */
  silence(isSilent: boolean): void;
  close(): Promise<void>;
};

/** As postgres.js sends it, alone. */
const commit = Buffer.from("commit\0");
/** Command tags of commits: of a batch that was settled, and of one that was kept, which is one statement. */
const committed = /C\0\0\0.(COMMIT|INSERT 0 \d+)\0/;

/** A proxy before a database on loopback. */
export async function startProxy(targetPort: number): Promise<DatabaseProxy> {
  let cuts = { where: "before" as "before" | "after", left: 0 };
  let delayMs = 0;

  /** The way of one direction of one connection: late pieces stay in their order. */
  function way(isCut: (chunk: Buffer) => boolean): Way {
    const late: Buffer[] = [];
    return (chunk, pass, end) => {
      if (cuts.left > 0 && isCut(chunk)) {
        cuts.left -= 1;
        end();
      } else if (delayMs === 0 && late.length === 0) pass(chunk);
      else {
        late.push(chunk);
        setTimeout(() => pass(late.shift()!), delayMs);
      }
    };
  }

  const relay = await startRelay({ host: "127.0.0.1", port: targetPort }, () => ({
    toServer: way(chunk => cuts.where === "before" && chunk.includes(commit)),
    toClient: way(chunk => cuts.where === "after" && committed.test(chunk.toString("latin1"))),
  }));
  return {
    port: relay.port,
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
      if (isSilent) relay.silence();
      else relay.heal({ endsOthers: true });
    },
    close: relay.close,
  };
}
