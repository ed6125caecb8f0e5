import { type Channel, channel } from "node:diagnostics_channel";
import type { Logger } from "pino";
import type { TelemetryEventName, TelemetryEvents } from "./events.ts";

export type Telemetry = {
  /** Publishes an event. `build` runs only where something subscribes to the event. Never throws. */
  publish<Name extends TelemetryEventName>(name: Name, build: () => TelemetryEvents[Name]): void;
  /** Calls `subscriber` in the turn of each event. What it throws is logged, and reaches no room. */
  subscribe<Name extends TelemetryEventName>(name: Name, subscriber: (event: TelemetryEvents[Name]) => void): void;
  /** Ends all subscriptions. */
  end(): void;
};

let programs = 0;

/**
 * The events of one program, on channels of `node:diagnostics_channel` named `hakika.<n>.<event>`, with n = 1 for the
 * first program of a process.
 *
 * Each program has channels of its own, so that two programs in one process (tests start several) never count each
 * other's work. The alternatives cost more: a program's id in every event is a comparison in every subscriber, an
 * `AsyncLocalStorage` is paid on every request. A publish without subscribers is one look-up, about 20 ns.
 *
 * `diagnostics_channel` throws a subscriber's error again as an uncaught exception. So every subscriber is guarded:
 * its error costs one record, and the first error for each event is logged.
 */
export function createTelemetry(log: Pick<Logger, "error">): Telemetry {
  programs += 1;
  const prefix = `hakika.${programs}`;
  const channels = new Map<TelemetryEventName, Channel>();
  const subscriptions: (() => void)[] = [];
  const logged = new Set<TelemetryEventName>();

  function channelOf(name: TelemetryEventName): Channel {
    let found = channels.get(name);
    if (found === undefined) {
      found = channel(`${prefix}.${name}`);
      channels.set(name, found);
    }
    return found;
  }

  function guard(name: TelemetryEventName, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!logged.has(name)) log.error({ err: error, event: name }, "telemetry record lost; later ones are not logged");
      logged.add(name);
    }
  }

  return {
    publish(name, build) {
      const target = channelOf(name);
      if (target.hasSubscribers) guard(name, () => target.publish(build()));
    },
    subscribe(name, subscriber) {
      const target = channelOf(name);
      const guarded = (event: unknown) => guard(name, () => subscriber(event as TelemetryEvents[typeof name]));
      target.subscribe(guarded);
      subscriptions.push(() => target.unsubscribe(guarded));
    },
    end() {
      for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
    },
  };
}
