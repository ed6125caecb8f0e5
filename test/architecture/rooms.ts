/**
 * The rooms of the program: what each holds, and what below `src/` it may import. A room is a folder, or a file at the
 * top; a name that ends in `.ts` is one file of a room. `pkg:` names a package; where a row names none, any may be
 * used. CONTRIBUTING.md shows this table, and import-table.test.ts holds it to the imports.
 */
export const rooms: Record<string, { holds: string; mayImport: readonly string[] }> = {
  domain: {
    holds: "money, phones, ids, evidence, deciding, events; pure",
    mayImport: ["pkg:libphonenumber-js/min", "pkg:node:crypto"],
  },
  egress: { holds: "the one guarded way out: pool, address checks, DNS", mayImport: [] },
  "embedded-postgres": { holds: "starts, shares and stops the PostgreSQL that comes as a package", mayImport: [] },
  batch: { holds: "group commit, one runner per shard, halving, throttled logs, sliding windows", mayImport: [] },
  database: {
    holds: "connecting, schema, migrations, partitions, sealing, notices between processes",
    mayImport: ["domain", "embedded-postgres", "batch", "package-folder.ts"],
  },
  connections: {
    holds: "the connection of a token, its settings and verification",
    mayImport: ["domain", "database", "egress", "providers/interface"],
  },
  "providers/interface": {
    holds: "what a provider is: `provider.ts` and the files beside it",
    mayImport: ["domain", "simulator/provider-simulator.ts"],
  },
  "providers/kit": {
    holds: "shared pieces for reading what providers send",
    mayImport: ["domain", "providers/interface"],
  },
  telemetry: {
    holds: "the events that rooms publish, as plain data, and what may not leave in logs and traces",
    mayImport: ["domain"],
  },
  outbox: { holds: "events to deliveries, in the caller's database transaction", mayImport: ["domain", "database"] },
  schedule: {
    holds: "when a transaction is polled next, in the caller's database transaction",
    mayImport: ["domain", "database", "connections", "providers"],
  },
  answer: {
    holds: "synchronous callbacks: validation and USSD",
    mayImport: ["domain", "database", "connections", "egress", "providers", "batch", "telemetry", "outbox"],
  },
  alerts: {
    holds: "what a person should know of: opened and closed with its cause, told by channels; silence",
    mayImport: ["domain", "database", "egress", "providers", "batch", "outbox"],
  },
  settle: {
    holds: "evidence to status, events and deliveries; the only room that changes a status",
    mayImport: [
      "domain",
      "database",
      "connections",
      "providers",
      "batch",
      "telemetry",
      "outbox",
      "schedule",
      "answer",
      "alerts",
    ],
  },
  deliver: {
    holds: "sends events to endpoints: queue, attempt, operators' commands",
    mayImport: ["domain", "database", "egress", "batch", "telemetry", "outbox", "alerts"],
  },
  reconcile: {
    holds: "polls providers, pulls statements; hands evidence to settle",
    mayImport: [
      "domain",
      "database",
      "connections",
      "egress",
      "providers",
      "batch",
      "telemetry",
      "schedule",
      "settle",
      "alerts",
    ],
  },
  books: {
    holds: "statements imported and compared, totals, balances, questions about a receipt",
    mayImport: ["domain", "database", "connections", "providers", "telemetry", "settle", "reconcile"],
  },
  start: {
    holds: "starts transactions at providers: registers, calls once, records",
    mayImport: ["domain", "database", "providers", "batch", "settle", "reconcile"],
  },
  receive: {
    holds: "callback URLs: verify, keep, answer",
    mayImport: ["domain", "database", "connections", "egress", "providers", "batch", "telemetry", "answer", "alerts"],
  },
  privacy: {
    holds: "finds, exports and erases a person; seals rows from before; erases by age",
    mayImport: ["domain", "database", "outbox", "answer", "settle"],
  },
  api: {
    holds: "the management API, a file for each call, and its OpenAPI document",
    mayImport: [
      "domain",
      "database",
      "connections",
      "egress",
      "providers",
      "batch",
      "telemetry",
      "outbox",
      "answer",
      "settle",
      "privacy",
      "deliver",
      "reconcile",
      "books",
      "start",
      "alerts",
      "version.ts",
    ],
  },
  console: {
    holds: "the operator's pages, over the API",
    mayImport: ["domain", "database", "batch", "metrics", "books", "api"],
  },
  cli: {
    holds: "the command line, over the API; starts the program",
    mayImport: [
      "domain",
      "database",
      "embedded-postgres",
      "egress",
      "connections",
      "providers",
      "schedule",
      "outbox",
      "settle",
      "books",
      "api",
      "simulator",
      "simulator/provider-simulator.ts",
      "app",
      "main.ts",
      "version.ts",
    ],
  },
  simulator: {
    holds: "simulated merchants and what providers' simulators share; speaks HTTP alone",
    mayImport: ["simulator/provider-simulator.ts"],
  },
  "simulator/provider-simulator.ts": { holds: "the type of a provider's simulator", mayImport: ["simulator"] },
  metrics: {
    holds: "Prometheus, from the telemetry events",
    mayImport: ["domain", "database", "telemetry", "version.ts"],
  },
  tracing: {
    holds: "OpenTelemetry, from the telemetry events",
    mayImport: ["domain", "batch", "telemetry", "version.ts"],
  },
};
