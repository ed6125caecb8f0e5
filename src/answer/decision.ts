import type { Logger } from "pino";
import type { Connection } from "../connections/connection.ts";
import type { Sql } from "../database/connect.ts";
import type { Egress } from "../egress/client.ts";
import type { FieldProblem, StoredCallback } from "../providers/provider.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Deadlines } from "./deadlines.ts";
import type { SentAnswer } from "./sent-answer.ts";
import type { AnsweredHop } from "./ussd/hop.ts";

/** A callback that asks, as it will be kept: `key` and `digest` are the receiver's. */
export type DecisionCallback = StoredCallback & { id: string; key: string; digest: Buffer };

/** A question and its answer, to be kept. `quarantine` names what was wrong with a body that could not be read. */
export type AnsweredCallback = {
  connection: Connection;
  callback: DecisionCallback;
  answer: SentAnswer;
  quarantine: FieldProblem[] | null;
  /** A copy: only counted. */
  repeat: boolean;
};

/** What answering needs of the world. */
export type AnswerDeps = {
  /** A client of its own: a look-up must not stand behind the receiver's batches. */
  sql: Sql;
  send: Egress["send"];
  phoneHash: (phone: string) => Buffer;
  /** Keeps a record; resolves once it is on disk, or cannot be. Never rejects. */
  keep(record: AnsweredCallback): Promise<unknown>;
  /** Takes a screen to keep (hop-writer.ts); never throws, never waits. */
  keepHop(hop: AnsweredHop): void;
  log: Logger;
  telemetry: Telemetry;
  now(): Date;
  /** Other than the built-in ones, for tests. */
  deadlines?: Deadlines;
};

/** One question on its way to its answer. */
export type DecisionRequest = {
  connection: Connection;
  callback: DecisionCallback;
  /** ms of `performance.now()`: when it arrived, and when the answer must be given. */
  startedMs: number;
  deadlineMs: number;
};

/** What is left of the deadline, in ms. */
export function leftMs({ deadlineMs }: DecisionRequest): number {
  return deadlineMs - performance.now();
}
