/**
 * The bounds of delivering. `attemptMs`, a `leaseMs` of at most 30 s and `answerBytesMax` are promised to merchants.
 */
export type DeliverLimits = {
  /** For one whole attempt, in ms. */
  attemptMs: number;
  /** How long a claimed delivery is leased, in ms. Longer than an attempt, so that its outcome is recorded within. */
  leaseMs: number;
  /** Attempts that run or are not recorded yet, of all endpoints. */
  inFlightMax: number;
  /** Of these, attempts at unproven endpoints: those whose last attempt failed, and new ones. */
  unprovenInFlightMax: number;
  /** Attempts that run at one endpoint. */
  endpointInFlightMax: number;
  /** One endpoint's share of the free attempts, as a fraction: endpoints that hang together always leave some. */
  endpointShareOfFree: number;
  /** Deliveries in one claim. */
  claimBatchMax: number;
  /** Claims at once. Each uses a database connection. */
  claimsMax: number;
  /** Recordings at once. Each uses a database connection. */
  recordsMax: number;
  /** Outcomes in one recording. */
  recordBatchMax: number;
  /** How long an outcome waits for others to be recorded with, in ms, where one was recorded so recently. */
  recordDelayMs: number;
  /** Pause between two scans of the queue for due deliveries, in ms. */
  scanMs: number;
  /** How long an endpoint's settings are cached, in ms, unless `changed` is called. */
  endpointCacheMs: number;
  /** How long running attempts may take when the program stops, in ms. */
  drainMs: number;
};

export const limitsByDefault = {
  attemptMs: 15_000,
  leaseMs: 30_000,
  inFlightMax: 1024,
  unprovenInFlightMax: 512,
  endpointInFlightMax: 64,
  endpointShareOfFree: 0.125,
  claimBatchMax: 200,
  claimsMax: 2,
  recordsMax: 2,
  recordBatchMax: 500,
  recordDelayMs: 5,
  scanMs: 1000,
  endpointCacheMs: 5000,
  drainMs: 16_000,
} as const satisfies DeliverLimits;

/** Bytes of an answer that are read, and of these kept. */
export const answerBytesMax = { read: 65_536, kept: 2048 } as const;
