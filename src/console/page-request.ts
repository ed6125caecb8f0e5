import type { BacklogView } from "../metrics/backlog.ts";
import type { ConsoleApi } from "./console-api.ts";

/** Callbacks that this process keeps on its disk while the database is unavailable. */
export type SpoolState = { bytes: number; isDatabaseUnavailable: boolean };

/** One request for a page, by a person who is signed in. */
export type PageRequest = {
  api: ConsoleApi;
  /** Whether the person sees every merchant: the admin and operators do. */
  isAdmin: boolean;
  /** The id in the path, encoded for use in another path. */
  id: string;
  query: Record<string, string>;
  /** The ids of all providers. */
  providers: string[];
  /** The time zone that the person types times in. */
  timeZone: string;
  now: Date;
  /** The queues of the whole installation. */
  backlog: BacklogView;
  spool(): SpoolState;
};
