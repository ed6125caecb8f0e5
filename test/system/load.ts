import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type Answer, request } from "../support/hakika.ts";

export type Load = {
  /** Ids of the callbacks that were answered 200. */
  answered: string[];
  /** Other answers, and failed requests. */
  refused: (Answer | Error)[];
  /** Resolves once `count` more callbacks were answered 200. */
  more(count: number): Promise<void>;
  /** Sends no more. Resolves once the callbacks under way are answered. */
  stop(): Promise<void>;
};

let begun = 0;

/** Sends callbacks of paid STK pushes, each of another payment, by `senders` at once, until it is stopped. */
export function startLoad(url: () => string, senders = 4): Load {
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

  async function send(): Promise<void> {
    while (!isStopped) {
      const id = `ws_CO_${mark}_${sent++}`;
      // No provider repeats a refused connection within the same millisecond.
      const answer = await request("POST", url(), stkPaid(id, receiptOf(begun * 1_000_000 + sent))).catch(
        (error: Error) => error,
      );
      if (!(answer instanceof Error) && answer.status === 200) load.answered.push(id);
      else load.refused.push(answer);
      if (answer instanceof Error) await new Promise(resolve => setImmediate(resolve));
      for (const look of [...watchers]) look();
    }
  }
  const running = Promise.all(Array.from({ length: senders }, send));
  return load;
}
