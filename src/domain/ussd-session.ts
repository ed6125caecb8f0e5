import { publicId } from "./ids.ts";

export type UssdAnsweredBy = "menu" | "merchant" | "fallback";

/** One exchange of a USSD session, once it is answered. */
export type UssdHop = {
  /** From 1. */
  hop: number;
  at: Date;
  /** What was typed last; empty for the first. */
  input: string;
  /** `CON …` or `END …`, as sent. */
  answer: string;
  answeredBy: UssdAnsweredBy;
  latencyMs: number;
  /** What went wrong with the answer, or was close to it, in words. */
  warning: string | null;
};

/** What ended a session: an `END` that was sent, the gateway's word, or 180 s of silence. */
export type UssdEndedBy = "answer" | "gateway" | "silence";

/** What a gateway tells at the end of a session, as text and whole numbers. */
type UssdGatewayEnd = Record<string, string | number | null>;

export type UssdSession = {
  shard: number;
  id: string;
  merchantId: string;
  connectionId: string;
  provider: string;
  /** The gateway's id. */
  sessionId: string;
  phone: string | null;
  serviceCode: string | null;
  networkCode: string | null;
  state: "open" | "ended";
  endedBy: UssdEndedBy | null;
  gateway: UssdGatewayEnd | null;
  startedAt: Date;
  endedAt: Date | null;
  /** In order; those that are answered. */
  hops: UssdHop[];
};

/** A session as it is shown in the management API and in `ussd.session_ended`. */
export function ussdSessionJson(session: UssdSession) {
  return {
    id: publicId("session", session.id),
    merchant_id: publicId("merchant", session.merchantId),
    connection_id: publicId("connection", session.connectionId),
    provider: session.provider,
    session_id: session.sessionId,
    phone: session.phone,
    service_code: session.serviceCode,
    network_code: session.networkCode,
    state: session.state,
    ended_by: session.endedBy,
    gateway: session.gateway,
    started_at: session.startedAt.toISOString(),
    ended_at: session.endedAt?.toISOString() ?? null,
    hops: session.hops.map(hop => ({
      hop: hop.hop,
      at: hop.at.toISOString(),
      input: hop.input,
      answer: hop.answer,
      answered_by: hop.answeredBy,
      latency_ms: hop.latencyMs,
      warning: hop.warning,
    })),
  };
}
