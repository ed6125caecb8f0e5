/**
 * A backup is a gzipped text that psql understands too: a comment with the header, one `COPY` for each table, and a
 * comment with the number of rows of each. The keys that open what is sealed are files, and not in it.
 */
export type BackupHeader = {
  format: 1;
  /** Version of the program that wrote it. */
  version: string;
  /** `created_at` of the newest migration of its database. */
  migration: number;
  taken_at: string;
  /** In the order in which they can be filled. */
  tables: BackupTable[];
};

export type BackupTable = { name: string; columns: string[] };

/** Rows by table. */
export type BackupRows = Record<string, number>;

const headerMark = "-- hakika backup ";
const rowsMark = "-- rows ";
/** Ends the rows of a table, as psql reads it. PostgreSQL escapes a backslash in rows, so no row is equal to it. */
export const endOfRows = "\\.";

export const headerLine = (header: BackupHeader) => `${headerMark}${JSON.stringify(header)}\n`;
export const rowsLine = (rows: BackupRows) => `${rowsMark}${JSON.stringify(rows)}\n`;

/** Null for a line that is none. */
export function headerIn(line: string): BackupHeader | null {
  const header = parsed<BackupHeader>(line, headerMark);
  return header?.format === 1 ? header : null;
}

/** Null for a line that is none. */
export function rowsIn(line: string): BackupRows | null {
  return parsed<BackupRows>(line, rowsMark);
}

function parsed<T>(line: string, mark: string): T | null {
  if (!line.startsWith(mark)) return null;
  try {
    return JSON.parse(line.slice(mark.length)) as T;
  } catch {
    return null;
  }
}

/** `COPY` of a table, in either direction. */
export function copyStatement({ name, columns }: BackupTable, direction: "to stdout" | "from stdin"): string {
  return `copy ${quoted(name)} (${columns.map(quoted).join(", ")}) ${direction}`;
}

export function truncateStatement(tables: BackupTable[]): string {
  return `truncate ${tables.map(({ name }) => quoted(name)).join(", ")} cascade`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
