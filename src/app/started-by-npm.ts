/**
 * `hakika start`, `exec node bin/hakika.js start`, or npx's `'hakika'`. A script that starts it in the background, or
 * with other commands, does not match.
 */
const ownScript = /^(exec )?(node (-\S+ )*)?['"]?[^\s'"&;|]*hakika(\.js)?['"]?( [^&;|]*)?$/;

/**
 * Whether npm or npx started this process itself. Children of their script inherit their variables too: tests, a
 * process manager, a shell that leaves a server in the background and ends.
 */
export function isStartedByNpm(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.npm_command !== undefined && ownScript.test(env.npm_lifecycle_script?.trim() ?? "");
}
