import type { Tone } from "./tone.ts";
import { words } from "./words.ts";

const tones: Record<string, Tone> = {
  completed: "success",
  delivered: "success",
  processed: "success",
  healthy: "success",
  ok: "success",
  failed: "danger",
  expired: "danger",
  quarantined: "danger",
  disabled: "danger",
  failing: "danger",
  stopped: "danger",
  unreachable: "danger",
  none: "warning",
  review: "warning",
  sandbox: "warning",
  disputed: "warning",
  contradiction: "warning",
  refunded: "warning",
  unresolved: "warning",
  matched: "success",
  imported: "success",
  new: "warning",
  differs: "danger",
  missing: "danger",
  unreadable: "warning",
  importing: "info",
  open: "warning",
  closed: "success",
  pending: "info",
  processing: "info",
};

/** A state as a coloured word. The colour repeats what the word says. */
export function Badge({ state }: { state: string }) {
  return <span class={`badge ${tones[state] ?? "neutral"}`}>{words(state)}</span>;
}
