import { AggregatorRegistry } from "prom-client";
import type { Message, MetricValues } from "./messages.ts";

/** A process that can be asked for its metrics. `name` becomes the label `process` of each of its series. */
export type Reporter = { name: string; send(message: Message): void };

export type Gathering = {
  /** The metrics of all reporters as one text. One that does not answer in time is left out. */
  gather(reporters: Reporter[]): Promise<string>;
  /** An answer has come from a reporter. */
  reported(name: string, id: number, metrics: MetricValues[]): void;
};

type Pending = { waitingFor: Set<string>; metrics: MetricValues[][]; done: () => void };

/**
 * Gathers the metrics of several processes. Each series keeps its process as a label and nothing is summed: a counter
 * of a process that is started again begins at 0, and `rate` understands that of a series, but not of a sum.
 */
export function createGathering(timeoutMs: number): Gathering {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  return {
    async gather(reporters) {
      lastId += 1;
      const id = lastId;
      const metrics: MetricValues[][] = [];
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, timeoutMs);
        const done = () => {
          clearTimeout(timer);
          resolve();
        };
        pending.set(id, { waitingFor: new Set(reporters.map(({ name }) => name)), metrics, done });
        for (const reporter of reporters) reporter.send({ hakika: "ask for metrics", id });
        if (reporters.length === 0) done();
      });
      pending.delete(id);
      return AggregatorRegistry.aggregate(metrics).metrics();
    },
    reported(name, id, metrics) {
      const gathering = pending.get(id);
      if (!gathering?.waitingFor.delete(name)) return;
      gathering.metrics.push(metrics.map(metric => labelled(metric, name)));
      if (gathering.waitingFor.size === 0) gathering.done();
    },
  };
}

/** The label makes every series one process's, so `sum` adds up nothing; prom-client's own choice drops some. */
function labelled(metric: MetricValues, name: string): MetricValues {
  const values = metric.values.map(value => ({ ...value, labels: { process: name, ...value.labels } }));
  return { ...metric, values, aggregator: "sum" };
}
