import type { Logger } from "pino";

/** A part of the program that runs for long. `Running` is what its start makes, for the services after it. */
export type Service<Running = void> = {
  /** For the log. */
  name: string;
  /** Resolves once the service works. A start that fails leaves nothing behind. */
  start(): Promise<Running> | Running;
  /** Takes no more work, and finishes the work that it has. */
  stop(running: Running): Promise<void> | void;
};

export type ServiceList = {
  /** Starts a service. Its result exists only then, so no service is used before it is started. */
  start<Running>(service: Service<Running>): Promise<Running>;
  /**
   * Stops the started services, the last one first, so that each may use those before it to the end. A stop that fails
   * is logged, and the others follow. Resolves after `stopMs` at the latest. Never rejects.
   */
  stop(): Promise<void>;
};

/** `stopMs`: bound for the stops of all services together. */
export function createServiceList(log: Pick<Logger, "debug" | "warn" | "error">, stopMs: number): ServiceList {
  const started: { name: string; stop: () => Promise<void> | void }[] = [];
  let isLate = false;
  let stopped: Promise<void> | null = null;

  async function stopAll(): Promise<void> {
    while (started.length > 0 && !isLate) {
      const { name, stop } = started.at(-1)!;
      log.debug({ service: name }, "service stops");
      try {
        await stop();
      } catch (error) {
        log.error({ err: error, service: name }, "service failed to stop");
      }
      started.pop();
    }
  }

  async function stopWithinBound(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>(resolve => {
      timer = setTimeout(resolve, stopMs).unref();
    });
    await Promise.race([stopAll(), bound]);
    clearTimeout(timer);
    isLate = started.length > 0;
    if (isLate) log.warn({ services: started.map(({ name }) => name).reverse() }, "services did not stop in time");
  }

  return {
    async start(service) {
      const running = await service.start();
      started.push({ name: service.name, stop: () => service.stop(running) });
      log.debug({ service: service.name }, "service started");
      return running;
    },
    stop() {
      stopped ??= stopWithinBound();
      return stopped;
    },
  };
}
