import { LRUCache } from "lru-cache";
import type { SentAnswer } from "./sent-answer.ts";

const answersMax = 20_000;
/** Copies arrive within minutes. For older ones the database has the answer. */
const rememberedMs = 10 * 60_000;

/** The latest answers of this process, and the decisions under way: of copies that arrive at once, one is decided. */
export type AnswerCache = {
  /** The known answer of `name`, or else that of `decide`. Where `decide` rejects, nothing is remembered. */
  answerOnce(name: string, decide: () => Promise<SentAnswer>): Promise<{ answer: SentAnswer; isCopy: boolean }>;
};

export function createAnswerCache(): AnswerCache {
  const answers = new LRUCache<string, SentAnswer>({ max: answersMax, ttl: rememberedMs });
  const underWay = new Map<string, Promise<SentAnswer>>();
  return {
    async answerOnce(name, decide) {
      const known = answers.get(name) ?? underWay.get(name);
      if (known !== undefined) return { answer: await known, isCopy: true };
      const deciding = decide();
      underWay.set(name, deciding);
      try {
        const answer = await deciding;
        answers.set(name, answer);
        return { answer, isCopy: false };
      } finally {
        underWay.delete(name);
      }
    },
  };
}
