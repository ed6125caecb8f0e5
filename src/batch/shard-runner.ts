export type ShardRunner = {
  /** Requests a run of the shard. A request during the shard's run means one more run after it. */
  request(shard: number): void;
  /** Resolves once no run is under way and none is requested. */
  idle(): Promise<void>;
};

/**
 * Runs at most one `run` per shard at a time, and at most `concurrencyMax` at once, in the order of the requests.
 * Several requests before a run starts are one run, so the work of a busy shard forms batches. Runs start in the next
 * turn of the event loop: work that arrives in the present turn is included. `run` must not reject, and may request its
 * own shard.
 */
export function createShardRunner(concurrencyMax: number, run: (shard: number) => Promise<void>): ShardRunner {
  const requested = new Set<number>();
  const running = new Set<number>();
  let isScheduled = false;
  const idleListeners: (() => void)[] = [];

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(startRuns);
  }

  function startRuns(): void {
    isScheduled = false;
    for (const shard of requested) {
      if (running.size >= concurrencyMax) return;
      if (running.has(shard)) continue;
      requested.delete(shard);
      running.add(shard);
      void run(shard).then(() => finish(shard));
    }
  }

  function finish(shard: number): void {
    running.delete(shard);
    if (requested.size > 0) schedule();
    else if (running.size === 0) for (const resolve of idleListeners.splice(0)) resolve();
  }

  return {
    request(shard) {
      requested.add(shard);
      schedule();
    },
    idle() {
      if (requested.size === 0 && running.size === 0) return Promise.resolve();
      return new Promise(resolve => idleListeners.push(() => resolve()));
    },
  };
}
