/** A finding of the doctor, and what to do about it. A problem makes the exit code 1; a note does not. */
export type DoctorFinding = { level: "problem" | "note"; what: string; todo: string };

export const problem = (what: string, todo: string): DoctorFinding => ({ level: "problem", what, todo });
export const note = (what: string, todo: string): DoctorFinding => ({ level: "note", what, todo });

/** A number with its noun: `1 row is`, `2 rows are`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
