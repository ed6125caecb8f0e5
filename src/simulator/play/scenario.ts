import type { SimulatedCallback } from "../post-callback.ts";
import type { Sample } from "./sample.ts";
import type { UssdGatewayName } from "./ussd-gateway.ts";

/** A callback on its way to a channel. */
export type Post = { channel: string; callback: SimulatedCallback };

/** The body of `POST /v1/transactions`, without the connection. */
export type RegistrationBody = { kind: string; provider_refs: Record<string, string> } & Record<string, unknown>;

type Shown = {
  /** What is done, and what is to come of it. */
  means: string;
  /** Types of the events that are to come of it, whatever order they come in. */
  events: readonly string[];
};

/** What a provider does, told as data. */
export type Scenario = Shown &
  (
    | {
        by: "callback";
        /** The channel it is about; it may use others on the way. */
        channel: string;
        register?: (made: Sample) => RegistrationBody;
        /** In the order they are sent. */
        posts: (made: Sample) => Post[];
        /** What each post is answered: an HTTP status, and words of the body. */
        answered: { status: number; words?: string };
        /** What becomes of the last callback; `processed` where absent. */
        ends?: "quarantined";
        /** Settings of the connection it needs. */
        settings?: Record<string, unknown>;
        /** How the provider's own books have it, for when it is asked: the id it goes by there. Absent: it cannot be asked. */
        booked?: (made: Sample) => string;
      }
    | {
        by: "dialling";
        channel: string;
        gateway: UssdGatewayName;
        /** What is typed; the caller hangs up where there is no more. */
        typed: readonly string[];
        settings: Record<string, unknown>;
      }
  );
