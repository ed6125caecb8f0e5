/** One row of a file: the number of its line, from 1, and its cells as text. */
export type FileRow = { line: number; cells: string[] };

/** A file that cannot be read to its end. The message says why, and holds nothing of the file. */
export class UnreadableFile extends Error {}

/** More rows than any statement has; Excel's own limit is 1,048,576. */
export const rowsMax = 1_100_000;
export const cellsMax = 100;
export const cellCharsMax = 2_000;
