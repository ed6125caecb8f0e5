/** A payment of the load: what the program has accepted of it. */
export type Payment = {
  checkoutId: string;
  /** `POST /v1/transactions` was answered 2xx. */
  registered: boolean;
  /** A callback was answered 200. */
  called: boolean;
  /** A stranger's: it must settle nothing. */
  forged: boolean;
};

/** One request of an event, as an endpoint got it. */
export type Heard = {
  webhookId: string;
  type: string;
  transactionId: string;
  sequence: number;
  body: string;
  /** What is wrong with its signature; null where it holds. */
  problem: string | null;
};

/** What the database has in the end. */
export type Kept = {
  /** Checkout ids of the kept callbacks. */
  callbacks: ReadonlySet<string>;
  /** Status by checkout id. */
  transactions: ReadonlyMap<string, { id: string; status: string }[]>;
  /** Events by transaction, and the endpoints that they are owed to. */
  events: readonly { transactionId: string; sequence: number; type: string; endpoints: readonly string[] }[];
  /** Rows of queues that should be empty. */
  stuck: Readonly<Record<string, number>>;
};

export type Outcome = {
  payments: readonly Payment[];
  heard: ReadonlyMap<string, readonly Heard[]>;
  kept: Kept;
  /** The most calls that the provider got within a minute from one connection, and how many are allowed. */
  calls: readonly { connection: string; most: number; allowed: number }[];
  /** What `hakika doctor` finds, one problem an item. */
  doctor: readonly string[];
};

/** Everything that does not hold, in words. */
export function judge(outcome: Outcome): string[] {
  const { payments, heard, kept, calls, doctor } = outcome;
  return [
    ...payments.flatMap(payment => paymentProblems(payment, kept)),
    ...[...heard].flatMap(([endpoint, events]) => endpointProblems(endpoint, events, kept)),
    ...Object.entries(kept.stuck).flatMap(([queue, rows]) => (rows > 0 ? [`${rows} rows are stuck in ${queue}`] : [])),
    ...calls.flatMap(({ connection, most, allowed }) =>
      most > allowed ? [`connection ${connection} made ${most} calls in a minute: ${allowed} are allowed`] : [],
    ),
    ...doctor.map(problem => `doctor: ${problem}`),
  ];
}

function paymentProblems({ checkoutId, registered, called, forged }: Payment, kept: Kept): string[] {
  const found = kept.transactions.get(checkoutId) ?? [];
  if (forged) {
    const settled = found.filter(({ status }) => status === "completed");
    return settled.length === 0 ? [] : [`${checkoutId}: a forged callback settled it`];
  }
  const lost = called && !kept.callbacks.has(checkoutId) ? [`${checkoutId}: its accepted callback is lost`] : [];
  if (!registered) return lost;
  if (found.length === 0) return [...lost, `${checkoutId}: its accepted registration is lost`];
  if (found.length > 1) return [...lost, `${checkoutId}: it became ${found.length} transactions`];
  const [{ id, status }] = found as [{ id: string; status: string }];
  if (status !== "completed") return [...lost, `${checkoutId}: it is ${status}, and was paid`];
  const told = kept.events.filter(event => event.transactionId === id && event.type === "payment.completed");
  return told.length === 1 ? lost : [...lost, `${checkoutId}: it has ${told.length} events of its completion`];
}

function endpointProblems(endpoint: string, events: readonly Heard[], kept: Kept): string[] {
  const problems: string[] = [];
  const bodies = new Map<string, string>();
  const sequences = new Map<string, number[]>();
  for (const { webhookId, transactionId, sequence, body, problem } of events) {
    if (problem !== null) problems.push(`${endpoint}: ${webhookId}: ${problem}`);
    const known = bodies.get(webhookId);
    if (known !== undefined && known !== body) problems.push(`${endpoint}: ${webhookId} came with another body`);
    if (known !== undefined) continue;
    bodies.set(webhookId, body);
    const before = sequences.get(transactionId) ?? [];
    sequences.set(transactionId, [...before, sequence]);
  }
  for (const [transactionId, heard] of sequences) {
    if (new Set(heard).size < heard.length) problems.push(`${endpoint}: an event of ${transactionId} came doubled`);
    if (heard.some((sequence, at) => at > 0 && sequence < heard[at - 1]!)) {
      problems.push(`${endpoint}: events of ${transactionId} came in the order ${heard.join(", ")}`);
    }
  }
  const owed = kept.events.filter(event => event.endpoints.includes(endpoint));
  for (const { transactionId, sequence, type } of owed) {
    if (!sequences.get(transactionId)?.includes(sequence)) {
      problems.push(`${endpoint}: it was never told ${type} (${sequence}) of ${transactionId}`);
    }
  }
  return problems;
}
