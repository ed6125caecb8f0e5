import type { Logger } from "pino";
import type { Provider } from "../providers/provider.ts";
import type { Child } from "./processes/child.ts";

export type Running = {
  /** The URL of the server on its listen address. */
  url: string;
  /** The URL of console, metrics and the admin's calls; `url` where they are served beside the rest. */
  adminUrl: string;
  adminKey: string;
  /** True for the start that made the admin key. */
  adminKeyIsNew: boolean;
  /** Of several processes: resolves where they end so often that they are not started again. */
  failed?: Promise<Error>;
  /** Resolves when every service has stopped, after 28 s at the latest. */
  stop(): Promise<void>;
};

export type StartOptions = {
  log: Logger;
  /** Ends the wait for a database that is not available. */
  signal: AbortSignal;
  /** The process that started this one, where one did. */
  child?: Child | null;
  /** The built-in ones where left out; tests have their own. */
  providers?: ReadonlyMap<string, Provider>;
};
