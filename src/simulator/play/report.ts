/**
 * Reports a step as it happens. `atMs` is by `performance.now()`, for a step that is reported later than it happened.
 */
export type ReportStep = (step: string, text: string, detail?: Record<string, unknown>, atMs?: number) => void;
