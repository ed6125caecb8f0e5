/** Reports a step of a simulation. `atMs`: when it happened, by `performance.now()`; by default now. */
export type ReportStep = (step: string, text: string, detail?: Record<string, unknown>, atMs?: number) => void;
