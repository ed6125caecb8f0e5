import type { Connection } from "../../connections/connection.ts";
import type { UssdAnsweredBy } from "../../domain/ussd-session.ts";
import type { UssdInput } from "../../providers/decision.ts";

/** One step of a USSD session: the gateway sent what was typed and waits for the next screen. */
export type Hop = UssdInput & {
  /** What was typed last; empty for the first screen. */
  input: string;
  /** Everything typed, in order. */
  inputs: string[];
  isNew: boolean;
  /** From 1. */
  hop: number;
};

/** The hop of a gateway's input. */
export function hopOf(input: UssdInput): Hop {
  const inputs = input.text === "" ? [] : input.text.split("*");
  return {
    ...input,
    input: inputs.at(-1) ?? "",
    inputs,
    isNew: inputs.length === 0,
    hop: inputs.length + 1,
  };
}

/** A hop as the merchant gets it. */
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

/** `text` begins with `CON ` or `END `. `warning`: why the fallback answered, or what the text comes close to. */
export type HopAnswer = { text: string; by: UssdAnsweredBy; warning: string | null };

/** A hop whose answer was sent, as the hop writer takes it. */
export type AnsweredHop = {
  connection: Pick<Connection, "shard" | "id" | "merchantId" | "provider">;
  hop: Hop;
  answer: HopAnswer;
  receivedAt: Date;
  latencyMs: number;
};
