import type { BacklogView } from "../metrics/backlog.ts";
import type { Api, Refused } from "./api-client.ts";
import type { Done } from "./components/flash.ts";
import type { Html } from "./html.ts";

/** What this process keeps on its disk while the database is away. */
export type SpoolState = { bytes: number; isDatabaseAway: boolean };

/** One look at a page. */
export type Visit = {
  api: Api;
  isAdmin: boolean;
  /** The path's id, as it may stand in a path. */
  id: string;
  query: Record<string, string>;
  providers: string[];
  now: Date;
  /** What waits in the whole installation. */
  backlog: BacklogView;
  spool(): SpoolState;
};

export type Shown = { kind: "page"; title: string; body: Html } | Refused;

/** A page: where it is, under which word of the navigation, and what it shows. */
export type Page = { path: string; section: string; show(visit: Visit): Promise<Shown> };

/** What a form does: where to go afterwards, and the word of what was done (see flash.ts). */
export type Acted = { kind: "done"; to: string; done: Done } | Refused;
export type Action = { path: string; act(visit: Visit, form: Record<string, string>): Promise<Acted> };
