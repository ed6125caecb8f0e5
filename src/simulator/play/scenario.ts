import type { SimulatedCallback } from "../post-callback.ts";
import type { ScriptOutcome } from "../script.ts";
import type { Sample } from "./sample.ts";

/** A callback and the channel whose URL it is sent to. */
export type ScenarioCallback = { channel: string; callback: SimulatedCallback };

/** The body of `POST /v1/transactions`, without the connection. */
export type RegistrationBody = { kind: string; provider_refs: Record<string, string> } & Record<string, unknown>;

type Described = {
  /** The channel that the scenario shows; it may use others on the way. */
  channel: string;
  /** What happens, and what should come of it. */
  means: string;
  /** Types of the events that the merchant should get, in any order. */
  events: readonly string[];
};

/** Callbacks of a provider, and what should come of them. */
export type CallbackScenario = Described & {
  by: "callback";
  registration?: (sample: Sample) => RegistrationBody;
  /** In the order they are sent. */
  callbacks: (sample: Sample) => ScenarioCallback[];
  /** What each callback should be answered: an HTTP status, and a text that the body contains. */
  answer: { status: number; contains?: string };
  /** The events where the callbacks come in the opposite order, as far as they differ. */
  eventsBackwards?: readonly string[];
  /** State of the last callback; `processed` where left out. */
  ends?: "quarantined";
  /** Settings that the connection needs. */
  settings?: Record<string, unknown>;
  /** The id under which the provider's status call knows the sample; left out where the provider cannot be polled. */
  polledBy?: (sample: Sample) => string;
  /** What the simulated API says where no callback comes; `completed` where left out. */
  polled?: ScriptOutcome;
  /**
   * Of a provider whose callbacks only make Hakika poll: what its simulated API says of the sample. Needs `polledBy`.
   */
  confirmed?: ScriptOutcome;
};

/** A conversation of a subscriber with the USSD channel. */
export type UssdScenario = Described & {
  by: "ussd";
  /** What the subscriber types; they hang up after the last. */
  typed: readonly string[];
  settings: Record<string, unknown>;
};

export type Scenario = CallbackScenario | UssdScenario;
