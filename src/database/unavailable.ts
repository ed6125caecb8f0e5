/** Rejects with this code where an answer takes too long: the database counts as away. */
const noAnswer = "NO_ANSWER";

/** Classes of SQLSTATE that are about what was sent: data, constraints, two that met, a limit of the program. */
const rowClasses = new Set(["22", "23", "40", "54"]);

/**
 * Whether an error means that the database is away or not itself (starting, full, read-only, not migrated), rather than that it
 * refuses what it was given. An error without a code is a bug of ours, and so is Node's word on an argument.
 */
export function isUnavailable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return false;
  return !rowClasses.has(code.slice(0, 2)) && !/^ERR_(?!SSL|TLS|SOCKET|STREAM)/.test(code);
}

/** Whether an error says that no answer came in time. */
export function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === noAnswer;
}

/** Rejects when an answer takes longer. What was asked goes on, and may still be done. */
export async function withTimeout<T>(promise: PromiseLike<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(`no answer within ${ms} ms`), { code: noAnswer })), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
