import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { findById } from "../../src/connections/store.ts";
import type { Sql } from "../../src/database/connect.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { parseBody } from "../../src/providers/kit/parse-body.ts";
import { providers } from "../../src/providers/registry.ts";
import { insertCallbacks } from "../../src/receive/store/callback-store.ts";
import type { BatchResult, SettleDeps } from "../../src/settle/batch.ts";
import { settleDue } from "../../src/settle/inbox/settle-due.ts";
import { type TestConnection, testBox } from "./fixtures.ts";
import { silentLog } from "./silent-log.ts";

export type Inbox = {
  /** Base of the callback URLs. */
  url: string;
  /** How many callbacks were kept. */
  kept(): number;
  /** Resolves once so many callbacks were kept. */
  untilKept(count: number): Promise<void>;
  /** Reads and settles the queued callbacks. */
  settle(shard: number): Promise<void>;
  close(): Promise<void>;
};

/** A receiver that keeps every posted callback. The test decides when `settle` reads and settles them. */
export async function inbox(
  sql: Sql,
  deps: SettleDeps,
  connectionOfToken: (token: string) => TestConnection,
  onSettled: (shard: number, result: BatchResult) => void,
): Promise<Inbox> {
  let kept = 0;
  const watchers = new Set<() => void>();
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const [, , , token = "", ...rest] = new URL(incoming.url!, "http://x").pathname.split("/");
    await keep(connectionOfToken(token), rest.join("/"), Buffer.concat(chunks));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
    kept += 1;
    for (const watcher of [...watchers]) watcher();
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));

  async function keep(connection: TestConnection, channelName: string, body: Buffer): Promise<void> {
    const channel = providers.get(connection.provider)!.channels[channelName]!;
    const parsed = parseBody(body, "application/json", channel.forms);
    const headers = { "content-type": "application/json" };
    const callback = {
      channel: channelName,
      method: "POST" as const,
      query: {},
      headers,
      body,
      receivedAt: new Date(),
    };
    const key = parsed.kind === "object" ? channel.key(parsed.value, callback) : null;
    const { shard, merchantId, id: connectionId, provider } = connection;
    const digest = createHash("sha256").update(body).digest();
    const record = {
      shard,
      id: newUuid(shard),
      merchantId,
      connectionId,
      provider,
      channel: channelName,
      key: key ?? digest.toString("hex"),
      digest,
      receivedAt: callback.receivedAt,
      strength: "hint",
      method: "POST",
      query: "",
      headers,
      body,
      quarantine: null,
      answer: null,
    } as const;
    await insertCallbacks(sql, { batchId: newUuid(shard), rows: [{ record, copies: 1 }] });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kept: () => kept,
    untilKept: count =>
      new Promise(resolve => {
        const watcher = () => {
          if (kept < count) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      }),
    async settle(shard) {
      const directory = {
        byToken: () => ({ kind: "unknown" }) as const,
        byId: (s: number, id: string) => findById(sql, testBox, s, id),
        forget: () => {},
      };
      const worker = { ...deps, directory, log: silentLog, onSettled };
      while (await settleDue(worker, shard)) {
        // More may be due.
      }
    },
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
