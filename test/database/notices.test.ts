import { expect, test, vi } from "vitest";
import type { Sql } from "../../src/database/connect.ts";
import { createNoticeSender } from "../../src/database/notices.ts";

/** A client that keeps the notices that were sent over it. */
function recordingSql(): { sql: Sql; sent: unknown[] } {
  const sent: unknown[] = [];
  const sql = async (_text: TemplateStringsArray, _channel: string, notice: string) =>
    void sent.push(JSON.parse(notice));
  return { sql: sql as unknown as Sql, sent };
}

test("a lone notice goes out at once; those that follow within 20 ms go together", () => {
  vi.useFakeTimers();
  try {
    const { sql, sent } = recordingSql();
    const notices = createNoticeSender(sql);
    notices.notifyInbox([1]);
    expect(sent).toEqual([{ inbox: [1] }]);
    notices.notifyInbox([2]);
    notices.notifyInbox([3, 2]);
    notices.notifyDeliveries(4, ["endpoint"]);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(20);
    expect(sent.slice(1)).toEqual([{ inbox: [2, 3] }, { due: { shard: 4, endpointIds: ["endpoint"] } }]);
    vi.advanceTimersByTime(20);
    notices.notifyInbox([5]);
    expect(sent.at(-1)).toEqual({ inbox: [5] });
    notices.stop();
  } finally {
    vi.useRealTimers();
  }
});
