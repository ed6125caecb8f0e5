import type { CallbackMethod, FieldProblem } from "../../providers/provider.ts";

/** A callback that is not on disk yet. */
export type CallbackRecord = {
  shard: number;
  id: string;
  merchantId: string;
  connectionId: string;
  provider: string;
  channel: string;
  /** The provider has no such channel: its name is the sender's, and stays out of logs and traces as a secret would. */
  isUnknownChannel?: boolean;
  /** Dedupe key within connection and channel. */
  key: string;
  /** SHA-256 of the body; of a GET, which has none, of its query. */
  digest: Buffer;
  receivedAt: Date;
  /** `signed` where a signature was verified, by the connection's own settings or by the provider's proof. */
  strength: "hint" | "signed";
  /** HTTP method. */
  method: CallbackMethod;
  /** The query of the URL as it came, without the question mark. */
  query: string;
  /** Lower-case names; secrets are removed. */
  headers: Record<string, string>;
  body: Buffer;
  /** The problems that put it into quarantine; null for a callback that the settle worker reads. */
  quarantine: FieldProblem[] | null;
  /** The receiver that put it into quarantine (see wrongReceiverOf); left out where none did. */
  wrongReceiver?: string | null;
  /**
   * The answer sent, on synchronous channels and for callbacks in quarantine. The settle worker does not read such a
   * callback.
   */
  answer: Record<string, unknown> | null;
};

/** Callbacks, and how often each arrived. Writing a batch again with the same `batchId` changes nothing. */
export type RecordBatch = { batchId: string; rows: { record: CallbackRecord; copies: number }[] };

/** The shards of a batch's callbacks. */
export function shardsOf(batch: RecordBatch): Set<number> {
  return new Set(batch.rows.map(row => row.record.shard));
}
