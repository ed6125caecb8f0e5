import cluster, { type Worker } from "node:cluster";
import type { Logger } from "pino";
import { createSlidingWindow } from "../../batch/sliding-window.ts";
import type { Role } from "../config.ts";
import { type Message, messageOf } from "./messages.ts";

/** `receiver 1`, `receiver 2`, `worker`. */
export type ChildPlan = { name: string; role: Role };

export type Children = {
  /** Resolves to the URL once every process is ready; rejects where one ends before. */
  started: Promise<string>;
  /** Resolves where processes end so often that starting them again is given up. */
  failed: Promise<Error>;
  living(): { name: string; send(message: Message): void }[];
  /** Stops the receivers, then the worker. Resolves when all have ended; those that are late are killed. */
  stop(): Promise<void>;
};

/** One that ends more often is not started again: a supervisor above should see it. */
const restarts = { max: 10, perMs: 60_000 } as const;
/** The worker settles what the receivers still keep, so it stops after them, or after this time. */
const workerAfterMs = 8_000;
/** Just below the 30 s after which supervisors kill. Each process bounds its own stop by 28 s. */
const killAfterMs = 29_000;

/**
 * Starts a process for each plan, each a `hakika start` of one role with these variables more, and starts again one
 * that ends by itself.
 */
export function startChildren(
  plans: ChildPlan[],
  environment: Record<string, string>,
  log: Logger,
  onMessage: (name: string, message: Message, send: (answer: Message) => void) => void,
): Children {
  const running = new Map<string, { plan: ChildPlan; worker: Worker }>();
  const notReady = new Set(plans.map(({ name }) => name));
  const window = createSlidingWindow({ ...restarts, keysMax: 1, nowMs: () => performance.now() });
  let isStopping = false;
  let startedAt!: (url: string) => void;
  let notStarted!: (error: Error) => void;
  let givenUp!: (error: Error) => void;
  const started = new Promise<string>((resolve, reject) => {
    startedAt = resolve;
    notStarted = reject;
  });
  const failed = new Promise<Error>(resolve => {
    givenUp = resolve;
  });
  let url = "";

  function fork(plan: ChildPlan): void {
    const worker = cluster.fork({ ...environment, HAKIKA_ROLES: plan.role });
    running.set(plan.name, { plan, worker });
    const send = (message: Message) => {
      // A process that has just ended takes no message.
      if (worker.isConnected()) worker.send(message, () => {});
    };
    worker.on("message", received => {
      const message = messageOf(received);
      if (message === null) return;
      if (message.hakika === "ready") ready(plan, message.url);
      else onMessage(plan.name, message, send);
    });
    worker.on("exit", (code, signal) => ended(plan, code, signal));
    worker.on("error", error => log.warn({ err: error, process: plan.name }, "message to a process was lost"));
  }

  function ready(plan: ChildPlan, at: string): void {
    if (plan.role === "receiver") url = at;
    notReady.delete(plan.name);
    if (notReady.size === 0) startedAt(url);
  }

  function ended(plan: ChildPlan, code: number | null, signal: string | null): void {
    running.delete(plan.name);
    if (isStopping) return;
    const how = signal ?? `exit code ${code}`;
    if (notReady.size > 0) {
      notStarted(new Error(`the ${plan.name} ended before it was ready (${how})`));
    } else if (window.fits("")) {
      window.count("");
      log.error({ process: plan.name, ended_with: how }, "a process ended by itself: it is started again");
      fork(plan);
    } else {
      givenUp(new Error(`processes end again and again, the ${plan.name} last (${how})`));
    }
  }

  const ofRole = (role: Role | null) => [...running.values()].filter(({ plan }) => role === null || plan.role === role);

  function signal(role: Role | null, name: "SIGTERM" | "SIGKILL"): void {
    for (const { worker } of ofRole(role)) worker.process.kill(name);
  }

  async function untilEnded(role: Role | null, withinMs: number): Promise<void> {
    const exits = ofRole(role).map(({ worker }) => new Promise(resolve => worker.once("exit", resolve)));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise(resolve => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([Promise.all(exits), late]);
    clearTimeout(timer);
  }

  for (const plan of plans) fork(plan);
  return {
    started,
    failed,
    living: () =>
      [...running].map(([name, { worker }]) => ({
        name,
        send: message => void (worker.isConnected() && worker.send(message, () => {})),
      })),
    async stop() {
      isStopping = true;
      signal("receiver", "SIGTERM");
      await untilEnded("receiver", workerAfterMs);
      signal("worker", "SIGTERM");
      await untilEnded(null, killAfterMs - workerAfterMs);
      signal(null, "SIGKILL");
      await untilEnded(null, killAfterMs);
    },
  };
}
