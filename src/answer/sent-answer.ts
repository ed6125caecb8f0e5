import { LRUCache } from "lru-cache";
import type { Queryable } from "../database/connect.ts";
import type { Reply } from "../providers/provider.ts";

/** Who answered: a rule of the connection (its menu too), the merchant, or nobody, so that the fallback stood in. */
export type AnsweredBy = "rule" | "merchant" | "fallback";

/** An answer that was given, as `callbacks.answer` keeps it. */
export type SentAnswer = { status: number; content_type: string; body: string; by: AnsweredBy; latency_ms: number };

const rememberedMax = 20_000;
/** Copies come within minutes; the database has what is older. */
const rememberedMs = 10 * 60_000;

/** Answers lately given by this process, and those just being worked out: of copies that come at once, one is worked on. */
export function createMemory<Answer extends object>() {
  const given = new LRUCache<string, Answer>({ max: rememberedMax, ttl: rememberedMs });
  const working = new Map<string, Promise<Answer>>();
  /** Never rejects unless `work` does, and then nothing is remembered. */
  return async (name: string, work: () => Promise<Answer>): Promise<{ answer: Answer; repeat: boolean }> => {
    const known = given.get(name) ?? working.get(name);
    if (known !== undefined) return { answer: await known, repeat: true };
    const promise = work();
    working.set(name, promise);
    try {
      const answer = await promise;
      given.set(name, answer);
      return { answer, repeat: false };
    } finally {
      working.delete(name);
    }
  };
}

export function replyOf(given: SentAnswer): Reply {
  return { status: given.status, contentType: given.content_type, body: given.body };
}

/** The answer that the same bytes were given before, by whichever process. */
export async function sentBefore(
  sql: Queryable,
  copy: { shard: number; connectionId: string; channel: string; key: string; digest: Buffer },
): Promise<SentAnswer | null> {
  const [row] = await sql<{ answer: SentAnswer | null }[]>`
    select answer from callbacks
    where shard = ${copy.shard} and connection_id = ${copy.connectionId} and channel = ${copy.channel} and key = ${copy.key}
      and digest = ${copy.digest}`;
  return row?.answer ?? null;
}
