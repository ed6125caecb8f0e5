import type { FieldProblem } from "../../providers/provider.ts";

/** A callback on its way to the disk. */
export type CallbackRecord = {
  shard: number;
  id: string;
  merchantId: string;
  connectionId: string;
  provider: string;
  channel: string;
  /** Dedupe key within connection and channel. */
  key: string;
  /** SHA-256 of the body. */
  digest: Buffer;
  receivedAt: Date;
  /** `signed` where a signature of the provider was verified. */
  strength: "hint" | "signed";
  /** Lower-case names; secrets already taken out. */
  headers: Record<string, string>;
  body: Buffer;
  /** Why it is in quarantine; null where it is still to be read. */
  quarantine: FieldProblem[] | null;
  /** The answer given, where the channel's is not constant. Then there is nothing left to read. */
  answer: Record<string, unknown> | null;
};

/** Records and how often each arrived in the batch. `batchId` makes writing it twice harmless. */
export type RecordBatch = { batchId: string; rows: { record: CallbackRecord; copies: number }[] };
