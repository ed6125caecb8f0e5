import type { Logger } from "pino";
import type { Sql } from "../database/connect.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import type { Egress } from "../egress/client.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type AnswerCache, createAnswerCache } from "./answer-cache.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { type Deadlines, deadlines } from "./deadlines.ts";
import { createLookUps, type LookUps } from "./look-up.ts";
import type { HopWriter } from "./ussd/hop-writer.ts";

/** What is handed in to the answer room. */
export type AnswerDeps = {
  /** A client of its own, so that look-ups do not wait behind the receiver's batches. */
  sql: Sql;
  egress: Pick<Egress, "send">;
  phones: PhoneHasher;
  hopWriter: HopWriter;
  log: Logger;
  telemetry: Telemetry;
  now(): Date;
  /** In place of the promised ones, for tests. */
  deadlines?: Deadlines;
};

/** What the functions of this room work with: what is handed in, and the state of the process. */
export type AnswerContext = Omit<AnswerDeps, "deadlines"> & {
  deadlines: Deadlines;
  /** By connection and URL of the merchant. */
  breaker: Breaker;
  lookUps: LookUps;
  answers: AnswerCache;
};

/** The state begins empty: every breaker closed, no answer remembered. */
export function createAnswerContext(deps: AnswerDeps): AnswerContext {
  return {
    ...deps,
    deadlines: deps.deadlines ?? deadlines,
    breaker: createBreaker(() => deps.now().getTime()),
    lookUps: createLookUps(),
    answers: createAnswerCache(),
  };
}
