import { internalError, type ProblemDetails, unavailable } from "./problem.ts";

/**
 * Error codes of postgres.js, Node and PostgreSQL that mean the database is unavailable or full, and not that a
 * statement is wrong.
 */
const unavailableCodes = [
  /^(CONNECTION_\w+|CONNECT_TIMEOUT|ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|ENOENT)$/,
  /^(08\w{3}|57P0[1-5]|53\w{3}|25006|40001|40P01)$/,
];

/** The response to an exception: 503 where the database is unavailable, else 500. */
export function failureProblem(error: unknown): ProblemDetails {
  const code = codeOf(rootCause(error)) ?? "";
  return unavailableCodes.some(codes => codes.test(code))
    ? unavailable("The database cannot be reached. Try again in a few seconds.")
    : internalError();
}

/** The error below Drizzle's own, whose message repeats the statement with its parameters: phones, sealed secrets. */
export function rootCause(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
