import { createContext, useContext } from "hono/jsx";
import { localTime } from "../local-time.ts";

/** The time zone that the console shows times in. */
export const TimeZone = createContext("UTC");

/** A time as `2025-10-18 23:30:26` in the console's time zone, with UTC in its title; a dash for none. */
export function Time({ at }: { at: string | null | undefined }) {
  const timeZone = useContext(TimeZone);
  if (!at) return <>–</>;
  return (
    <time datetime={at} title={`${at.slice(0, 10)} ${at.slice(11, 19)} UTC`}>
      {localTime(new Date(at), timeZone)}
    </time>
  );
}
