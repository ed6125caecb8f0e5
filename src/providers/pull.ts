import type { Finding } from "../domain/evidence.ts";
import type { CallContext, CallFailure, Send } from "./call.ts";
import type { FieldProblem, Needs } from "./provider.ts";

/** One page of a statement. */
export type PullPage =
  /**
   * `rows` counts all that were listed, `problems` those that could not be read. `nextOffset` is null after the last
   * page. The room stops at a page without a new row: a provider that ignores the offset lists the same rows for ever.
   */
  | { kind: "page"; findings: Finding[]; problems: FieldProblem[]; rows: number; nextOffset: number | null }
  /** The rows will come to a callback channel, which reads them as any other callback. */
  | { kind: "deferred" }
  | CallFailure;

/** The provider's list of transactions: finds those whose callbacks were lost. An empty page proves nothing. */
export type PullCall = {
  credentials: Needs;
  /** How far back the provider lists, in hours. */
  hoursMax: number;
  /**
   * The page of transactions in [from, to] that begins at `offset` (0 first; the unit is the folder's own). Findings
   * become evidence of strength `statement`. Never rejects.
   */
  page(context: CallContext, window: { from: Date; to: Date }, offset: number, send: Send): Promise<PullPage>;
};
