/** How many wait for events at a time, so that their looks at the database stay few. */
export type Readers = {
  /** Whether one more may wait. */
  hasRoom(key: string): boolean;
  /** Counts a reader until the returned function is called. */
  enter(key: string): () => void;
};

/** Limits of this process. */
export const readersMax = { ofKey: 20, ofAll: 500 } as const;

export function createReaders(limits: { ofKey: number; ofAll: number } = readersMax): Readers {
  const byKey = new Map<string, number>();
  let all = 0;
  return {
    hasRoom: key => all < limits.ofAll && (byKey.get(key) ?? 0) < limits.ofKey,
    enter(key) {
      all += 1;
      byKey.set(key, (byKey.get(key) ?? 0) + 1);
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        all -= 1;
        const left = byKey.get(key)! - 1;
        if (left === 0) byKey.delete(key);
        else byKey.set(key, left);
      };
    },
  };
}
