import type { Command } from "commander";

/** A command as the overview lists it, and where the whole of it is. */
export type CommandEntry = { name: string; description: string; load(): Promise<Command> };

/**
 * The commands, in the order of the overview. Their files are loaded only where the command line names them: with all
 * of them `--version` and `--help` cost thirteen times an empty program.
 */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: "start",
    description: "starts the server (receiver, worker, or both: HAKIKA_ROLES); or a payment, payout, airtime, ...",
    load: async () => (await import("./start.ts")).startCommand(),
  },
  {
    name: "migrate",
    description:
      "migrates the database to this version's schema, and distributes its tables where it is a Citus cluster",
    load: async () => (await import("./migrate.ts")).migrateCommand(),
  },
  {
    name: "reconcile",
    description: "polls all due transactions once (exit code 1 on errors)",
    load: async () => (await import("./resources/reconcile.ts")).reconcileCommand(),
  },
  {
    name: "backup",
    description: "writes the whole database into a file, without the keys, beside a running server or without one",
    load: async () => (await import("./backup/backup.ts")).backupCommand(),
  },
  {
    name: "restore",
    description: "fills an empty database from the file that backup wrote",
    load: async () => (await import("./backup/restore.ts")).restoreCommand(),
  },
  {
    name: "doctor",
    description: "checks configuration, database, queues and invariants (exit code 1 on problems)",
    load: async () => (await import("./doctor/command.ts")).doctorCommand(),
  },
  {
    name: "merchants",
    description: "merchants and their API keys",
    load: async () => (await import("./resources/merchants.ts")).merchantsCommand(),
  },
  {
    name: "operators",
    description: "the people who run this installation, and their keys",
    load: async () => (await import("./resources/operators.ts")).operatorsCommand(),
  },
  {
    name: "privacy",
    description: "what is stored of a person: export it, erase it",
    load: async () => (await import("./resources/privacy.ts")).privacyCommand(),
  },
  {
    name: "connections",
    description: "merchants' accounts at providers, with their callback URLs",
    load: async () => (await import("./resources/connections.ts")).connectionsCommand(),
  },
  {
    name: "endpoints",
    description: "URLs that events are sent to",
    load: async () => (await import("./resources/endpoints.ts")).endpointsCommand(),
  },
  {
    name: "transactions",
    description: "payments, payouts, airtime, bills and messages, with their status",
    load: async () => (await import("./resources/transactions.ts")).transactionsCommand(),
  },
  {
    name: "statements",
    description: "providers' statements, compared with what is known here",
    load: async () => (await import("./resources/statements.ts")).statementsCommand(),
  },
  {
    name: "totals",
    description: "adds a period up",
    load: async () => (await import("./resources/totals.ts")).totalsCommand(),
  },
  {
    name: "export",
    description: "prints transactions as CSV",
    load: async () => (await import("./resources/export.ts")).exportCommand(),
  },
  {
    name: "callbacks",
    description: "requests that providers sent, stored as they arrived",
    load: async () => (await import("./resources/callbacks.ts")).callbacksCommand(),
  },
  {
    name: "deliveries",
    description: "events owed to endpoints, and the attempts to deliver them",
    load: async () => (await import("./resources/deliveries.ts")).deliveriesCommand(),
  },
  {
    name: "alerts",
    description: "what a person should know of, and the channels that say so",
    load: async () => (await import("./resources/alerts.ts")).alertsCommand(),
  },
  {
    name: "search",
    description: "finds an id, a receipt, a reference, a phone, or a receipt in a quarantined callback",
    load: async () => (await import("./resources/search.ts")).searchCommand(),
  },
  {
    name: "listen",
    description: "sends events to a local server as they come, signed, until Ctrl-C; makes no endpoint",
    load: async () => (await import("./listen/command.ts")).listenCommand(),
  },
  {
    name: "replay",
    description: "sends the events of a period to an endpoint again",
    load: async () => (await import("./resources/replay.ts")).replayCommand(),
  },
  {
    name: "simulate",
    description:
      "sends what a provider would send, and follows it to the merchant (without arguments: lists the scenarios)",
    load: async () => (await import("./simulate/command.ts")).simulateCommand(),
  },
  {
    name: "keys",
    description: "the keys that seal credentials and secrets",
    load: async () => (await import("./keys/command.ts")).keysCommand(),
  },
  {
    name: "completion",
    description: "prints what your shell needs to complete commands with Tab",
    load: async () => (await import("./completion/command.ts")).completionCommand(),
  },
];
