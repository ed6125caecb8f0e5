import { z } from "zod";
import { eventFamilies, ownEventTypes } from "../../domain/events.ts";
import { statuses } from "../../domain/kinds.ts";
import { messageTypesOf } from "../../providers/names.ts";
import type { Provider } from "../../providers/provider.ts";
import { providers as registry } from "../../providers/registry.ts";
import type { FieldError } from "../problem.ts";

const filtersMax = 100;

/** The event types that a program with these providers sends. */
function eventTypesOf(providers: Iterable<Provider>): string[] {
  const ofTransactions = eventFamilies.flatMap(family => statuses.map(status => `${family}.${status}`));
  return [...ofTransactions, ...ownEventTypes, ...messageTypesOf(providers)];
}

/** The event types of the built-in providers, for the API document. */
export const eventTypes = eventTypesOf(registry.values());
export const messageTypes = messageTypesOf(registry.values());

function wildcardsOf(types: readonly string[]): string[] {
  return [...new Set(types.map(type => `${type.split(".")[0]}.*`))];
}

/** A type, a family such as `payment.*`, or `*`. `eventTypeErrors` checks whether the type exists. */
export const eventTypeInput = z.string().meta({ enum: ["*", ...wildcardsOf(eventTypes), ...eventTypes] });
export const eventTypesInput = z.array(eventTypeInput).min(1).max(filtersMax);

/**
 * The errors of filters at `path`. Each filter must be a type that a program with these providers sends, or a wildcard.
 */
export function eventTypeErrors(
  filters: readonly string[],
  path: (index: number) => string,
  providers: ReadonlyMap<string, Provider>,
): FieldError[] {
  const types = eventTypesOf(providers.values());
  const wildcards = wildcardsOf(types);
  const known = new Set(["*", ...wildcards, ...types]);
  const families = wildcards.join(", ");
  const message = `is not an event type: send *, a family (${families}) or a type such as payment.completed`;
  return filters.flatMap((filter, index) => (known.has(filter) ? [] : [{ path: path(index), message }]));
}
