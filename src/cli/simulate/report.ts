import type { ReportStep } from "../../simulator/play/report.ts";
import { printLine } from "../print.ts";

const stepChars = 10;

/** Prints lines for people, `   12 ms  posted      …`, or JSON for programs. Times count from `startedMs`. */
export function stepReporter(json: boolean, startedMs: number): ReportStep {
  return (step, text, detail = {}, atMs = performance.now()) => {
    const ms = Math.max(0, Math.round(atMs - startedMs));
    if (json) return printLine(JSON.stringify({ step, ms, text, ...detail }));
    printLine(`${String(ms).padStart(6)} ms  ${step.padEnd(stepChars)}  ${text}`);
  };
}
