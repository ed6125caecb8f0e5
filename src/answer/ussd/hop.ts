import type { Connection } from "../../connections/connection.ts";
import { digestUuid } from "../../domain/ids.ts";
import type { UssdAnsweredBy } from "../../domain/ussd-session.ts";
import type { UssdInput } from "../../providers/decision.ts";

/** One screen that is asked for, as merchants get it. */
export type Hop = UssdInput & {
  /** What was typed last; empty for the first screen. */
  input: string;
  /** Everything typed, in order. */
  inputs: string[];
  isNew: boolean;
  /** From 1. */
  hop: number;
  /** Digest of `text`: with the session it names the screen. */
  typed: string;
};

export function hopOf(asked: UssdInput): Hop {
  const inputs = asked.text === "" ? [] : asked.text.split("*");
  return {
    ...asked,
    input: inputs.at(-1) ?? "",
    inputs,
    isNew: inputs.length === 0,
    hop: inputs.length + 1,
    typed: digestUuid(asked.text),
  };
}

/** The question to the merchant. */
export function hopJson(hop: Hop): Record<string, unknown> {
  return {
    session_id: hop.sessionId,
    phone: hop.phone,
    service_code: hop.serviceCode,
    network_code: hop.networkCode,
    text: hop.text,
    input: hop.input,
    inputs: hop.inputs,
    is_new: hop.isNew,
    hop: hop.hop,
  };
}

/** What a subscriber was shown, on its way to the database. */
export type AnsweredHop = {
  connection: Pick<Connection, "shard" | "id" | "merchantId" | "provider">;
  hop: Hop;
  at: Date;
  answer: string;
  answeredBy: UssdAnsweredBy;
  latencyMs: number;
  warning: string | null;
};
