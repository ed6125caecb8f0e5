/** Tasks that run at the same time. A task that rejects does not stop the others. */
export type TaskSet = {
  size(): number;
  add(task: Promise<unknown>): void;
  hasFailed(): boolean;
  /** Resolves once any of the tasks has ended. */
  any(): Promise<void>;
  /** Resolves once all tasks have ended; rejects then with the first error. */
  all(): Promise<void>;
};

export function createTaskSet(): TaskSet {
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  return {
    size: () => running.size,
    add(task) {
      const ended: Promise<void> = task
        .then(
          () => {},
          error => void errors.push(error),
        )
        .finally(() => running.delete(ended));
      running.add(ended);
    },
    hasFailed: () => errors.length > 0,
    any: () => Promise.race(running),
    async all() {
      await Promise.all(running);
      if (errors.length > 0) throw errors[0];
    },
  };
}
