import type { SimulatedCallback } from "../post-callback.ts";

/** A subscriber who dialled a service code. */
export type UssdCaller = { sessionId: string; phone: string; serviceCode: string; networkCode: string };

/** How a session ended. */
export type UssdEnd = {
  typed: readonly string[];
  hops: number;
  durationMs: number;
  /** The last answer that was shown. */
  lastAnswer: string;
  /** False where the subscriber hung up. */
  completed: boolean;
};

/** How a provider's USSD gateway calls; see the provider's MAPPING.md. */
export type UssdGateway = {
  newSessionId(): string;
  serviceCode: string;
  /** The callback for the next screen. */
  screen(caller: UssdCaller, typed: readonly string[]): SimulatedCallback;
  /** The callback at the end of a session; left out where the gateway sends none. */
  end?: (caller: UssdCaller, end: UssdEnd, at: Date) => SimulatedCallback;
};
