export const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof samplers)[number];

export type TracingConfig = {
  /** URL that traces are posted to. */
  url: string;
  headers: Record<string, string>;
  serviceName: string;
  /** More attributes of the process. */
  resource: Record<string, string>;
  sampler: SamplerName;
  /** From 0 to 1; used by the samplers by ratio. */
  ratio: number;
};
