import { type Config, loadConfig } from "../app/config.ts";

/** The configuration. Throws one error that lists every problem of it. */
export function configuration(): Config {
  const loaded = loadConfig();
  if (loaded.ok) return loaded.config;
  throw new Error(`the configuration has problems:\n${loaded.problems.map(problem => `  - ${problem}`).join("\n")}`);
}
