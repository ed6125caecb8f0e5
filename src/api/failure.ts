import { broken, type ProblemDetails, unavailable } from "./problem.ts";

/** Codes of postgres.js, Node and PostgreSQL that mean: the database is away or full, not: the statement is wrong. */
const awayCodes =
  /^(CONNECTION_\w+|CONNECT_TIMEOUT|ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|ENOENT|08\w{3}|57P0[1-5]|53\w{3}|25006|40001|40P01)$/;

/** What a caller is told of an exception: the database is away (503), or a bug (500). */
export function failureProblem(error: unknown): ProblemDetails {
  return awayCodes.test(codeOf(rootCause(error)) ?? "")
    ? unavailable("The database cannot be reached just now: try again in a moment.")
    : broken();
}

/** The error under Drizzle's, whose own message repeats the statement with its parameters: phones, sealed secrets. */
export function rootCause(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
