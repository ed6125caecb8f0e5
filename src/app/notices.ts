import type { Logger } from "pino";
import type { KeyCache } from "../api/auth/key-cache.ts";
import type { Directory } from "../connections/directory.ts";
import type { Sql } from "../database/connect.ts";
import { createNoticeSender, listen, type Notice, type NoticeSender } from "../database/notices.ts";
import { patiently } from "../database/patiently.ts";
import type { Service } from "./service-list.ts";
import type { WakeUps } from "./wake-ups.ts";

/** Notices to other processes, of work for their workers. */
export function noticeSender(sql: Sql): Service<NoticeSender> {
  return { name: "notices to other processes", start: () => createNoticeSender(sql), stop: notices => notices.stop() };
}

type NoticeTargets = { directory: Directory; keyCache: KeyCache; wakeUps: WakeUps };

/** Drops what this process cached of the thing that changed, and wakes its workers. */
export function onNotice({ directory, keyCache, wakeUps: { local } }: NoticeTargets, notice: Notice): void {
  if (notice.connectionId) directory.forget(notice.connectionId);
  if (notice.merchantId) keyCache.forget(notice.merchantId);
  if (notice.operators) keyCache.forgetOperators();
  if (notice.endpointId) local.deliver?.changed(notice.endpointId);
  if (notice.inbox) local.settle?.wake(notice.inbox);
  if (notice.due) local.deliver?.wake(notice.due.shard, notice.due.endpointIds);
}

/** Notices from other processes, and from this one. */
export function noticeListener(
  sql: Sql,
  targets: NoticeTargets,
  start: { log: Logger; signal: AbortSignal },
): Service<() => Promise<void>> {
  // Notices may have been lost before this process listened, or listened again.
  const onListening = () => {
    targets.directory.forget(null);
    targets.keyCache.clear();
    targets.wakeUps.local.deliver?.changed(null);
  };
  return {
    name: "notices from other processes",
    start: () => patiently(() => listen(sql, notice => onNotice(targets, notice), onListening), start),
    // Rejects where the database is unavailable.
    stop: unlisten => unlisten().catch(() => {}),
  };
}
