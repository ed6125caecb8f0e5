/** One metric as the registry of a process gives it (`getMetricsAsJSON`). */
export type MetricValues = {
  name: string;
  values: { value: number; labels: Record<string, string | number>; metricName?: string }[];
  [more: string]: unknown;
};

/** What the first process and those that it started say to each other. `id` pairs a question with its answer. */
export type Message =
  | { hakika: "ready"; url: string }
  | { hakika: "ask for all metrics"; id: number }
  | { hakika: "all metrics"; id: number; text: string }
  | { hakika: "ask for metrics"; id: number }
  | { hakika: "metrics"; id: number; metrics: MetricValues[] };

/** Null for messages of Node itself. */
export function messageOf(received: unknown): Message | null {
  return typeof received === "object" && received !== null && "hakika" in received ? (received as Message) : null;
}
