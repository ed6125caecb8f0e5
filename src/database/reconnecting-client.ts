import type postgres from "postgres";
import { type RefusedStatement, refusedStatement } from "./refused-statements.ts";

/** Options of `postgres()`. */
export type Hooks = { onparameter: () => void; onclose: () => void };

type Client = Pick<postgres.Sql, "end" | "options"> & { begin: (...given: never[]) => Promise<unknown> };
/** The type tables of a client, and what the server said of itself. */
type ClientState = {
  parameters: { in_hot_standby?: string };
  parsers: Record<number, unknown>;
  serializers: Record<number, unknown>;
  shared: { typeArrayMap: Record<number, number> };
  fetch_types: boolean;
};
const listOfText = 1009;

/**
 * How long the running statements of a replaced client may take, then it is closed; shorter where it did not answer.
 */
const replacedMs = 60_000;
const silentMs = 3_000;
const endMaxS = 5;
const replacers = new WeakMap<object, () => void>();

/**
 * A client of postgres.js that outlives its connections. Version 3.4 does not, where one is lost at a bad moment
 * (docs/adr/0011-reconnecting-client.md):
 *
 * - `begin` sends its `rollback` over the lost connection, and the failed write is an uncaught exception: the process
 *   dies. Here a transaction whose connection is lost sends nothing more; `begin` rejects by itself. (Its work must not
 *   catch the error of a statement and go on: PostgreSQL would not let it either.)
 * - A statement handed over in the turn of the event loop in which the connection closes leaves it unable to write for
 *   good: every later statement waits for a minute or for ever. Here a client that lost a connection is replaced: its
 *   running statements go on, new ones go to a fresh client.
 *
 * `listen` has a client of its own, which listens again by itself. `settings` are statements that begin every
 * transaction, sent together with its own first one. The members of `carried` are the client's too, and those of its
 * database transactions.
 */
export function reconnectingClient<C extends Client, Carried extends object = object>(
  open: (hooks: Hooks) => C,
  { settings = null, onRefused = () => {}, carried = {} as Carried }: Partial<Given<Carried>> = {},
): C & Carried {
  const old = new Map<C, NodeJS.Timeout>();
  let isEnded = false;
  let listener: C | null = null;
  let current = make();

  function make(): C {
    // Only a client that was connected is replaced: one that never reached the primary has lost nothing.
    let wasConnected = false;
    const made: C = open({
      onparameter: () => {
        wasConnected = true;
      },
      onclose: () => {
        if (wasConnected && made === current && !isAtStandby(made)) replace(replacedMs);
      },
    });
    return made;
  }

  function replace(afterMs: number): void {
    if (isEnded) return;
    const left = current;
    current = make();
    // Drizzle changes how the client it is given reads and writes.
    const [from, to] = [left.options, current.options] as unknown as [ClientState, ClientState];
    Object.assign(to.parsers, from.parsers);
    Object.assign(to.serializers, from.serializers);
    Object.assign(to.shared.typeArrayMap, from.shared.typeArrayMap);
    // Types are not fetched again: a rejection of that query is not caught where the connection is lost.
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
    // Without a timeout `end()` never resolves if a connection was lost with a statement under way
    // (porsager/postgres#1097).
    await Promise.all(all.map(client => client.end({ timeout: endMaxS, ...options })));
  }

  const client = new Proxy(current, {
    apply: (_target, _self, given: unknown[]) =>
      watched(Reflect.apply(current as never, undefined, given) as unknown, onRefused),
    get(_target, name) {
      if (name === "unsafe") {
        const { unsafe } = current as unknown as { unsafe: SendStatement };
        return (...given: unknown[]) => watched(unsafe(...given), onRefused);
      }
      if (name === "end") return end;
      if (name in carried) return Reflect.get(carried, name);
      if (name === "begin") return (...given: unknown[]) => begin(current, given, { settings, onRefused, carried });
      if (name === "listen") {
        listener ??= make();
        return Reflect.get(listener, name);
      }
      return Reflect.get(current, name);
    },
  });
  replacers.set(client, () => replace(silentMs));
  return client as C & Carried;
}

/**
 * Replaces the connections of a client that do not answer: new statements use new ones, and waiting statements fail
 * soon.
 */
export function replaceConnections(client: object): void {
  replacers.get(client)?.();
}

/** Whether the server that ended the connection had said that it is a standby. */
function isAtStandby(client: Client): boolean {
  return (client.options as unknown as ClientState).parameters.in_hot_standby === "on";
}

/** Called for each statement that the server refuses whatever its values are. */
export type OnRefused = (refused: RefusedStatement) => void;

/** Tells of a refused statement before its caller learns it: callers retry, and would retry for ever in silence. */
function watched(query: unknown, onRefused: OnRefused): unknown {
  const statement = query as { reject?: (error: unknown) => void };
  if (!(query instanceof Promise) || typeof statement.reject !== "function") return query;
  const { reject } = statement;
  statement.reject = error => {
    const refused = refusedStatement(error);
    if (refused !== null) onRefused(refused);
    reject(error);
  };
  return query;
}

type SendStatement = (...given: unknown[]) => unknown;

type Given<Carried extends object = object> = {
  settings: string | null;
  onRefused: OnRefused | undefined;
  carried: Carried;
};
type Shared = Required<Pick<Given, "carried">> & { onRefused: OnRefused };

async function begin(
  client: Client,
  given: unknown[],
  { settings, ...shared }: Shared & Pick<Given, "settings">,
): Promise<unknown> {
  const work = given.at(-1) as (tx: unknown) => unknown;
  const state = { isOver: false };
  const careful = (tx: SendStatement & { unsafe(text: string): PromiseLike<unknown> }) => {
    const done = () => pendingOnceLost(work(silentOnceEnded(tx, state, shared)));
    const set = settings === null ? null : pendingOnceLost(tx.unsafe(settings));
    // Work that ends after its connection was lost has nothing to commit: `begin` would write to what is closed.
    return Promise.all([done(), set]).then(([answer]) => (state.isOver ? new Promise(() => {}) : answer));
  };
  try {
    return await Reflect.apply(client.begin, client, [...given.slice(0, -1), careful]);
  } finally {
    state.isOver = true;
  }
}

/** Work that waited for something else than its statements must not use a connection that was lost meanwhile. */
function silentOnceEnded(tx: SendStatement, state: { isOver: boolean }, { onRefused, carried }: Shared): SendStatement {
  const guarded =
    (speak: SendStatement) =>
    (...given: unknown[]) =>
      state.isOver ? new Promise(() => {}) : watched(speak(...given), onRefused);
  return new Proxy(tx, {
    apply: (_target, _self, given: unknown[]) => guarded(tx)(...given),
    get(_target, name) {
      if (name in carried) return Reflect.get(carried, name);
      const value: unknown = Reflect.get(tx, name);
      return name === "unsafe" ? guarded(value as SendStatement) : value;
    },
  });
}

async function pendingOnceLost(work: unknown): Promise<unknown> {
  try {
    return await (Array.isArray(work) ? Promise.all(work) : work);
  } catch (error) {
    if (isConnectionLoss(error)) return new Promise(() => {});
    throw error;
  }
}

/** Whether the connection is lost, or will be at once: a server closes it after a FATAL error. */
function isConnectionLoss(error: unknown): boolean {
  const { code, syscall, severity } = (error ?? {}) as { code?: unknown; syscall?: unknown; severity?: unknown };
  if (severity === "FATAL" || severity === "PANIC") return true;
  return (
    code === "CONNECTION_CLOSED" || syscall === "read" || syscall === "write" || /^ERR_(SSL|TLS)/.test(String(code))
  );
}
