import type { Sql } from "./connect.ts";

/** A hint from one process to the others: a cache entry is stale, or there is work in a queue. */
export type Notice = {
  connectionId?: string;
  endpointId?: string;
  merchantId?: string;
  /** An operator was deleted. */
  operators?: true;
  inbox?: number[];
  due?: { shard: number; endpointIds: string[] };
};

const channel = "hakika";

/** Never inside a transaction that keeps callbacks: NOTIFY takes a global lock at commit and halves its throughput. */
export async function notify(sql: Sql, notice: Notice): Promise<void> {
  await sql`select pg_notify(${channel}, ${JSON.stringify(notice)})`;
}

/**
 * Receives the notices of every process, its own included. It listens again by itself after the database was
 * unavailable.
 */
export async function listen(
  sql: Sql,
  onNotice: (notice: Notice) => void,
  onListening: () => void,
): Promise<() => Promise<void>> {
  const subscription = await sql.listen(channel, text => onNotice(JSON.parse(text) as Notice), onListening);
  return () => subscription.unlisten();
}

/** The least time between two notices for other processes' workers; what comes within it is gathered. */
const noticeEveryMs = 20;

export type NoticeSender = {
  notifyInbox(shards: Iterable<number>): void;
  notifyDeliveries(shard: number, endpointIds: string[]): void;
  stop(): void;
};

/**
 * Notifies other processes' workers of new work after the commit: at once where the last notice is 20 ms old, so that a
 * lone payment does not wait, else gathered for the next. Scans of the queues make up for lost notices.
 */
export function createNoticeSender(sql: Sql): NoticeSender {
  const inbox = new Set<number>();
  const due = new Map<number, Set<string>>();
  let timer: NodeJS.Timeout | null = null;

  function send(): void {
    if (inbox.size > 0) notify(sql, { inbox: [...inbox] }).catch(() => {});
    for (const [shard, ids] of due) {
      // A notice has 8,000 bytes at most.
      const endpointIds = [...ids].slice(0, 100);
      notify(sql, { due: { shard, endpointIds } }).catch(() => {});
    }
    inbox.clear();
    due.clear();
  }

  function sendOrGather(): void {
    if (timer !== null) return;
    send();
    timer = setTimeout(() => {
      timer = null;
      if (inbox.size > 0 || due.size > 0) sendOrGather();
    }, noticeEveryMs);
  }

  return {
    notifyInbox(shards) {
      for (const shard of shards) inbox.add(shard);
      sendOrGather();
    },
    notifyDeliveries(shard, endpointIds) {
      if (endpointIds.length === 0) return;
      const ids = due.get(shard) ?? new Set();
      for (const id of endpointIds) ids.add(id);
      due.set(shard, ids);
      sendOrGather();
    },
    stop() {
      if (timer) clearTimeout(timer);
    },
  };
}
