/**
 * Runs work shard by shard: one run at a time for each shard, at most `runsMax` at once, in the order of asking, from the next
 * tick of the event loop on. What is asked for while a shard's run is under way is one more run after it, so a busy shard's work
 * comes in batches by itself. `run` never rejects.
 */
export function createTurns(runsMax: number, run: (shard: number) => Promise<void>) {
  const waiting = new Set<number>();
  const running = new Set<number>();
  let isScheduled = false;
  const idlers: (() => void)[] = [];

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(start);
  }

  function start(): void {
    isScheduled = false;
    for (const shard of waiting) {
      if (running.size >= runsMax) return;
      if (running.has(shard)) continue;
      waiting.delete(shard);
      running.add(shard);
      void run(shard).then(() => finish(shard));
    }
  }

  function finish(shard: number): void {
    running.delete(shard);
    if (waiting.size > 0) schedule();
    else if (running.size === 0) for (const resolve of idlers.splice(0)) resolve();
  }

  return {
    request(shard: number): void {
      waiting.add(shard);
      schedule();
    },
    /** Resolves once nothing runs and nothing waits. */
    idle(): Promise<void> {
      if (waiting.size === 0 && running.size === 0) return Promise.resolve();
      return new Promise(resolve => {
        idlers.push(resolve);
      });
    },
  };
}
