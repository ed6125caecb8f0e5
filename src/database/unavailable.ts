/** Code of the error for an answer that takes too long: the database counts as unavailable. */
const noAnswer = "NO_ANSWER";

/** Classes of SQLSTATE that concern the statement: data, constraints, serialization conflicts, program limits. */
const rowClasses = new Set(["22", "23", "40", "54"]);

/**
 * Whether an error means that the database is unavailable (unreachable, starting, full, read-only, not migrated) rather
 * than that it refuses the statement's data. An error without a code is a bug of this program, and so is an argument
 * error of Node.
 */
export function isUnavailable(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return false;
  return !rowClasses.has(code.slice(0, 2)) && !/^ERR_(?!SSL|TLS|SOCKET|STREAM)/.test(code);
}

/**
 * Whether an error means that a connection was lost or not made: it can pass by itself, as no refusal of a statement
 * does.
 */
export function isConnectionLost(error: unknown): boolean {
  return /^(CONNECT|ECONN|ETIMEDOUT|EPIPE|57P0|08|53300)/.test(String((error as { code?: unknown } | null)?.code));
}

/** Whether an error means that no answer came in time. */
export function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === noAnswer;
}

/** Rejects once `ms` have passed. The statement goes on, and may still take effect. */
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
