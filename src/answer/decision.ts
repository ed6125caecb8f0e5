import type { Connection } from "../connections/connection.ts";
import type { WrongReceiver } from "../connections/receiver.ts";
import type { DecisionChannel } from "../providers/decision.ts";
import type { Channel, FieldProblem, NonEmpty, StoredCallback } from "../providers/provider.ts";
import type { SentAnswer } from "./sent-answer.ts";

/** A channel on which the provider waits for a decision. */
export type SynchronousChannel = Channel & { decision: DecisionChannel };

/** Whether the provider waits for a decision on the channel. */
export function isSynchronous(channel: Channel): channel is SynchronousChannel {
  return channel.decision !== undefined;
}

/** A verified callback of a synchronous channel. `key` and `digest` name it: a copy has the same ones. */
export type DecisionCallback = Pick<StoredCallback, "channel" | "receivedAt"> & {
  id: string;
  key: string;
  digest: Buffer;
  /** The receiver it names, where that is not its connection's: a validation of it is rejected. */
  wrongReceiver: WrongReceiver | null;
};

/** A decision that a provider asks for. */
export type DecisionRequest = {
  connection: Connection;
  callback: DecisionCallback;
  /** When the callback arrived, and when its answer has to be sent, in ms of `performance.now()`. */
  startedMs: number;
  deadlineMs: number;
};

/** The time until the deadline, in ms; negative after it. */
export function leftMs({ deadlineMs }: Pick<DecisionRequest, "deadlineMs">): number {
  return deadlineMs - performance.now();
}

/** A decision that is made, with the answer to send and to store. */
export type AnsweredDecision = {
  answer: SentAnswer;
  /** The problems of a callback that could not be read, or is for another receiver; null for any other. */
  quarantine: NonEmpty<FieldProblem> | null;
  /** Whether this process has answered the same callback before. */
  isCopy: boolean;
  /** Why the fallback answered, or what is wrong with the answer; null where nothing is. */
  problem: string | null;
};
