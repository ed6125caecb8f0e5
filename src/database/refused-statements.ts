/** Classes of SQLSTATE for statements that can never work: not supported here, or not valid for this schema. */
const classes = new Set(["0A", "42"]);

/** The database lacks a right or a table that an operator gives it: the statement itself is sound. */
const ofOperators = new Set(["42501", "42P01", "42703", "42704"]);

/** A statement that the database refuses whatever its values are: a fault of this program. */
export type RefusedStatement = { code: string; statement: string; message: string };

/** What an error says of a refused statement; null for every other error. */
export function refusedStatement(error: unknown): RefusedStatement | null {
  const { code, message, query } = (error ?? {}) as { code?: unknown; message?: unknown; query?: unknown };
  if (typeof code !== "string" || !classes.has(code.slice(0, 2)) || code.length !== 5 || ofOperators.has(code))
    return null;
  return { code, statement: nameOf(typeof query === "string" ? query : ""), message: String(message) };
}

/** The changes that a statement makes and the tables they are made in, or the tables that it reads: never a value. */
function nameOf(query: string): string {
  const changes = [...query.matchAll(/\b(insert into|update|delete from)\s+"?(\w+)"?/gi)];
  const reads = [...query.matchAll(/\b(from)\s+"?(\w+)"?/gi)];
  const found = changes.length > 0 ? changes : reads;
  const names = found.map(([, verb, table]) => `${verb!.toLowerCase()} ${table}`);
  return [...new Set(names)].join(", ") || "unknown";
}
