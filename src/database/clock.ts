/** The database's time from `at` on, advanced by this process's monotonic clock: for work that begins with the database's `now()`. */
export function clockFrom(at: Date): () => Date {
  const startedMs = performance.now();
  return () => new Date(at.getTime() + performance.now() - startedMs);
}
