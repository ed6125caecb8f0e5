import type { Logger } from "pino";

type Hook = (...told: never[]) => void;

/** Hooks whose failure costs a span and not the work they are told of; the first one is logged. */
export function guard<Hooks extends Record<string, Hook>>(hooks: Hooks, log: Logger): Hooks {
  let isTold = false;
  const guarded = (hook: Hook): Hook => {
    return (...told) => {
      try {
        hook(...told);
      } catch (error) {
        if (!isTold) log.error({ err: error }, "a span cannot be written");
        isTold = true;
      }
    };
  };
  return Object.fromEntries(Object.entries(hooks).map(([name, hook]) => [name, guarded(hook)])) as Hooks;
}
