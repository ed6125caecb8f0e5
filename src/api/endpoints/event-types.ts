import { z } from "zod";
import { eventFamilies, otherEventTypes } from "../../domain/events.ts";
import { statuses } from "../../domain/kinds.ts";

const filtersMax = 100;

/** All event types. */
export const eventTypes = [
  ...eventFamilies.flatMap(family => statuses.map(status => `${family}.${status}`)),
  ...otherEventTypes,
];

const wildcards = [...new Set(eventTypes.map(type => `${type.split(".")[0]}.*`))];
const known: ReadonlySet<string> = new Set(["*", ...wildcards, ...eventTypes]);

/** A type, a family's wildcard such as `payment.*`, or `*`. */
export const eventTypeInput = z
  .string()
  .refine(
    text => known.has(text),
    `is not an event type: send *, a family (${wildcards.join(", ")}) or a type such as payment.completed`,
  );

export const eventTypesInput = z.array(eventTypeInput).min(1).max(filtersMax);
