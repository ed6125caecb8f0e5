import type { Logger } from "pino";
import type { Provider } from "../providers/provider.ts";

export type Running = {
  /** Where it listens. */
  url: string;
  adminKey: string;
  /** True for the start that made the admin key. */
  adminKeyIsNew: boolean;
  /** Resolves after the drain; running work gets 28 s. */
  stop(): Promise<void>;
};

export type StartOptions = {
  log: Logger;
  /** Ends the wait for a database that does not come. */
  signal: AbortSignal;
  /** Other than the built-in ones, for tests. */
  providers?: ReadonlyMap<string, Provider>;
};
