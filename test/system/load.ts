import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type Answer, request } from "../support/hakika.ts";

export type Load = {
  /** Ids whose callback got a 200. */
  answered: string[];
  /** Answers other than 200, and requests that failed. */
  refused: (Answer | Error)[];
  /** Resolves once so many more were answered. */
  more(count: number): Promise<void>;
  /** No new callbacks; resolves once those under way are answered. */
  stop(): Promise<void>;
};

let begun = 0;

/**
 * Sends paid STK callbacks over some lanes, one after the other in each, until it is stopped. Each is another payment.
 */
export function startLoad(url: () => string, lanes = 4): Load {
  const mark = `load${begun++}`;
  const watchers = new Set<() => void>();
  let isStopped = false;
  let sent = 0;
  const load: Load = {
    answered: [],
    refused: [],
    more(count) {
      const goal = load.answered.length + count;
      return new Promise(resolve => {
        const look = () => {
          if (load.answered.length < goal) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
      });
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };

  async function lane(): Promise<void> {
    while (!isStopped) {
      const id = `ws_CO_${mark}_${sent++}`;
      // A provider that is refused a connection does not ask again in the same millisecond either.
      const answer = await request("POST", url(), stkPaid(id, receiptOf(begun * 1_000_000 + sent))).catch(
        (error: Error) => error,
      );
      if (!(answer instanceof Error) && answer.status === 200) load.answered.push(id);
      else load.refused.push(answer);
      if (answer instanceof Error) await new Promise(resolve => setImmediate(resolve));
      for (const look of [...watchers]) look();
    }
  }
  const running = Promise.all(Array.from({ length: lanes }, lane));
  return load;
}
