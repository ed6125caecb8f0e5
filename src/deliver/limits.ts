/** Bounds of delivering. `attemptMs`, `leaseMs` of at most 30 s and `answerBytesMax` are promised to merchants. */
export type DeliverLimits = {
  /** For everything of one attempt, in ms. */
  attemptMs: number;
  /** How long a claimed delivery is ours, in ms. Longer than an attempt, so that its outcome is recorded within. */
  leaseMs: number;
  /** Attempts running or not recorded yet, of all endpoints. */
  inFlightMax: number;
  /** Of those, attempts at endpoints whose last attempt did not deliver, or that had none: what hangs may not take all. */
  unprovenInFlightMax: number;
  /** Attempts running at one endpoint. */
  endpointInFlightMax: number;
  /**
   * One endpoint has at most this part of what is free, so that endpoints that hang together, however many, leave some. The more
   * they have, the less is free, and the smaller the part.
   */
  shareOfFree: number;
  /** Deliveries in one claim. */
  claimBatchMax: number;
  /** Claims running at once, and recordings running at once: each holds a database connection. */
  claimsMax: number;
  recordsMax: number;
  /** Outcomes in one recording. */
  recordBatchMax: number;
  /** How long an outcome waits for others to be recorded with, in ms. */
  recordDelayMs: number;
  /** How often the queue is asked for what nobody woke us for, in ms. */
  pollMs: number;
  /** How long an endpoint's settings are taken as they are, in ms; `changed` ends it early. */
  endpointFreshMs: number;
  /** How long running attempts may take to finish when the program stops, in ms. */
  drainMs: number;
};

export const limitsByDefault = {
  attemptMs: 15_000,
  leaseMs: 30_000,
  inFlightMax: 1024,
  unprovenInFlightMax: 512,
  endpointInFlightMax: 64,
  shareOfFree: 0.125,
  claimBatchMax: 200,
  claimsMax: 2,
  recordsMax: 2,
  recordBatchMax: 500,
  recordDelayMs: 5,
  pollMs: 1000,
  endpointFreshMs: 5000,
  drainMs: 16_000,
} as const satisfies DeliverLimits;

/** At most this much of an answer is read, and of that kept, in bytes. */
export const answerBytesMax = { read: 65_536, kept: 2048 } as const;
