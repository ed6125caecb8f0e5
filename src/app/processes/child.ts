import cluster from "node:cluster";
import type { Registry } from "prom-client";
import { type Message, type MetricValues, messageOf } from "./messages.ts";

/** What `/metrics` needs of a registry. */
export type MetricsText = Pick<Registry, "metrics" | "contentType">;

/** What a process that the first one started says to it. */
export type Child = {
  /** This process serves. */
  ready(url: string): void;
  /** This process has stopped: it ends once nothing else keeps it. */
  end(): void;
  /** Answers for this process's metrics, and serves those of all. */
  metricsOfAll(own: Registry): MetricsText;
};

/** The first process answers within a second, whatever the others do. */
const gatheredMaxMs = 3_000;

/** Null in a process that nothing but a user or a supervisor started. */
export function childProcess(): Child | null {
  if (!cluster.isWorker) return null;
  const send = (message: Message) => void process.send?.(message);
  return {
    ready: url => send({ hakika: "ready", url }),
    end: () => process.disconnect(),
    metricsOfAll(own) {
      const asked = new Map<number, (text: string) => void>();
      let lastId = 0;
      process.on("message", received => {
        const message = messageOf(received);
        if (message?.hakika === "ask for metrics") {
          void own
            .getMetricsAsJSON()
            .then(metrics =>
              send({ hakika: "metrics", id: message.id, metrics: metrics as unknown as MetricValues[] }),
            );
        }
        if (message?.hakika === "all metrics") asked.get(message.id)?.(message.text);
      });
      return {
        contentType: own.contentType,
        async metrics() {
          lastId += 1;
          const id = lastId;
          let timer: NodeJS.Timeout | undefined;
          const all = new Promise<string>(resolve => asked.set(id, resolve));
          const late = new Promise<null>(resolve => {
            timer = setTimeout(() => resolve(null), gatheredMaxMs);
          });
          send({ hakika: "ask for all metrics", id });
          const text = await Promise.race([all, late]);
          clearTimeout(timer);
          asked.delete(id);
          return text ?? own.metrics();
        },
      };
    },
  };
}
