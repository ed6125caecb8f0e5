/** Something the doctor found. A problem makes the exit code 1; a note is worth knowing. */
export type DoctorFinding = { level: "problem" | "note"; what: string; todo: string };

export const problem = (what: string, todo: string): DoctorFinding => ({ level: "problem", what, todo });
export const note = (what: string, todo: string): DoctorFinding => ({ level: "note", what, todo });

/** `1 row is`, `2 rows are`: the number with the words that go with it. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
