import type { Sample } from "./play/sample.ts";
import type { Scenario } from "./play/scenario.ts";
import type { UssdGateway } from "./play/ussd-gateway.ts";
import type { ScriptOutcome } from "./script.ts";

/** What a provider's folder supplies for `hakika simulate` and for tests. */
export type ProviderSimulator = {
  /** Serves the provider's API on loopback, as far as Hakika calls it. */
  open(): Promise<SimulatedApi>;
  /** By name: for each channel at least one that goes well and one that does not. */
  scenarios: Readonly<Record<string, Scenario>>;
  /** How the provider's USSD gateway calls; left out where it has none. */
  ussd?: UssdGateway;
};

/** A provider's API while it is served. */
export type SimulatedApi = {
  /** For the `base_url` of a connection. */
  url: string;
  /** The credentials that the API takes. */
  credentials: Readonly<Record<string, string>>;
  /** Makes a sample known to the status call, as completed where not told otherwise, under the id it is polled by. */
  enter(id: string, sample: Sample, outcome?: ScriptOutcome): void;
  close(): Promise<void>;
};
