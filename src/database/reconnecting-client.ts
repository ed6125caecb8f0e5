import type postgres from "postgres";

/** To be given to `postgres()`. */
export type Hooks = { onparameter: () => void; onclose: () => void };

type Client = Pick<postgres.Sql, "end" | "options"> & { begin: (...given: never[]) => Promise<unknown> };
/** What a client knows of types. */
type Known = {
  parsers: Record<number, unknown>;
  serializers: Record<number, unknown>;
  shared: { typeArrayMap: Record<number, number> };
  fetch_types: boolean;
};
const listOfText = 1009;

/** What an old client still does may take so long; then it is cut off. Shorter where it did not answer. */
const leftBehindMs = 60_000;
const silentMs = 3_000;
const endMaxS = 5;
const renewals = new WeakMap<object, () => void>();

/**
 * A client of postgres.js that outlives its connections. Version 3.4 alone does not, where one is lost at a bad moment:
 *
 * - `begin` sends its `rollback` over the lost connection, and the write to nowhere is an uncaught exception: the process dies.
 *   Here a transaction whose connection is lost says nothing more; `begin` rejects by itself. (Its work must not catch the error
 *   of a statement and go on: PostgreSQL would not let it either.)
 * - A statement handed over in the turn of the event loop in which the connection closes leaves it unable to write for good:
 *   everything it is given later waits for a minute or for ever. Here a client that lost a connection is left behind: what it is
 *   doing goes on, what is new goes to a fresh one.
 *
 * `listen` has a client of its own, which listens again by itself.
 */
export function reconnectingClient<C extends Client>(open: (hooks: Hooks) => C): C {
  const old = new Map<C, NodeJS.Timeout>();
  let isEnded = false;
  let listener: C | null = null;
  let current = make();

  function make(): C {
    // A server that is not there loses nothing: only who was connected is replaced.
    let wasConnected = false;
    const made: C = open({
      onparameter: () => {
        wasConnected = true;
      },
      onclose: () => {
        if (wasConnected && made === current) replace(leftBehindMs);
      },
    });
    return made;
  }

  function replace(afterMs: number): void {
    if (isEnded) return;
    const left = current;
    current = make();
    // Drizzle changes how the client it is given reads and writes.
    const [from, to] = [left.options, current.options] as unknown as [Known, Known];
    Object.assign(to.parsers, from.parsers);
    Object.assign(to.serializers, from.serializers);
    Object.assign(to.shared.typeArrayMap, from.shared.typeArrayMap);
    // Not asked again: nobody catches what becomes of this question where the connection is lost.
    to.fetch_types = !(listOfText in to.parsers);
    const timer = setTimeout(() => {
      old.delete(left);
      void left.end({ timeout: endMaxS });
    }, afterMs).unref();
    old.set(left, timer);
  }

  async function end(options?: { timeout?: number }): Promise<void> {
    isEnded = true;
    for (const timer of old.values()) clearTimeout(timer);
    const all = [current, ...old.keys(), ...(listener ? [listener] : [])];
    // Left alone, `end()` waits for good if a connection was lost with a statement under way (porsager/postgres#1097).
    await Promise.all(all.map(client => client.end({ timeout: endMaxS, ...options })));
  }

  const client = new Proxy(current, {
    apply: (_target, _self, given: unknown[]) => Reflect.apply(current as never, undefined, given),
    get(_target, name) {
      if (name === "end") return end;
      if (name === "begin") return (...given: unknown[]) => begin(current, given);
      if (name === "listen") {
        listener ??= make();
        return Reflect.get(listener, name);
      }
      return Reflect.get(current, name);
    },
  });
  renewals.set(client, () => replace(silentMs));
  return client;
}

/**
 * Leaves the connections of a client behind, because they do not answer: what is new goes over new ones, and what still waits for
 * an answer is refused soon.
 */
export function replaceConnections(client: object): void {
  renewals.get(client)?.();
}

type Speak = (...given: unknown[]) => unknown;

async function begin(client: Client, given: unknown[]): Promise<unknown> {
  const work = given.at(-1) as (tx: unknown) => unknown;
  const state = { isOver: false };
  const careful = (tx: Speak) => untilLost(work(silentWhenOver(tx, state)));
  try {
    return await Reflect.apply(client.begin, client, [...given.slice(0, -1), careful]);
  } finally {
    state.isOver = true;
  }
}

/** Work that waited for something else than its statements must not speak over a connection that was lost meanwhile. */
function silentWhenOver(tx: Speak, state: { isOver: boolean }): Speak {
  const guarded =
    (speak: Speak) =>
    (...given: unknown[]) =>
      state.isOver ? new Promise(() => {}) : speak(...given);
  return new Proxy(tx, {
    apply: (_target, _self, given: unknown[]) => guarded(tx)(...given),
    get(_target, name) {
      const value: unknown = Reflect.get(tx, name);
      return name === "unsafe" ? guarded(value as Speak) : value;
    },
  });
}

async function untilLost(work: unknown): Promise<unknown> {
  try {
    return await (Array.isArray(work) ? Promise.all(work) : work);
  } catch (error) {
    if (isLoss(error)) return new Promise(() => {});
    throw error;
  }
}

/** Whether the connection is gone, or is so at once: a server closes it after a FATAL error. */
function isLoss(error: unknown): boolean {
  const { code, syscall, severity } = (error ?? {}) as { code?: unknown; syscall?: unknown; severity?: unknown };
  if (severity === "FATAL" || severity === "PANIC") return true;
  return (
    code === "CONNECTION_CLOSED" || syscall === "read" || syscall === "write" || /^ERR_(SSL|TLS)/.test(String(code))
  );
}
