import { tracingVariables } from "./tracing-variables.ts";

type Variable = {
  /** The text that counts where the variable is not set; null where its absence has a meaning of its own. */
  default: string | null;
  /** The meaning of the absence, as the documents print it. */
  unset?: string;
  means: string;
};

/** Every environment variable that Hakika reads. The documents' table is checked against this one. */
export const variables = {
  DATABASE_URL: { default: null, unset: "embedded", means: "a PostgreSQL 15+ server, or a Citus coordinator" },
  DATABASE_DIRECT_URL: {
    default: null,
    unset: "`DATABASE_URL`",
    means:
      "the same database without the pooler that `DATABASE_URL` names, for what needs a session: migrations, " +
      "notices, the names of living processes",
  },
  HAKIKA_DATA_DIR: { default: "./data", means: "embedded database, spool, generated keys (0600)" },
  HOST: { default: "127.0.0.1", means: "listen address" },
  PORT: { default: "8080", means: "listen port; 0 takes a free one" },
  HAKIKA_ADMIN_LISTEN: {
    default: null,
    unset: "none",
    means:
      "`host:port`: console, `/metrics`, `/docs` and calls with the admin's or an operator's key are served there " +
      "alone (merchants' keys too); `PORT` keeps `/in`, `/v1` and `/openapi.json` with merchants' keys, `/healthz`, " +
      "`/readyz`",
  },
  HAKIKA_PUBLIC_URL: { default: null, unset: "http://HOST:PORT", means: "base of the callback URLs" },
  HAKIKA_ROLES: {
    default: "receiver,worker",
    means: "what this process does; management API and console run with `receiver`",
  },
  HAKIKA_ADMIN_KEY: {
    default: null,
    unset: "generated",
    means: "at least 32 characters; required with `DATABASE_URL`",
  },
  HAKIKA_SECRET_KEY: {
    default: null,
    unset: "generated",
    means:
      "base64 of 32 bytes, encrypts stored credentials and secrets; a list `id:key,id:key` rotates, first one writes " +
      "(a key without an id has the id `1`); required with `DATABASE_URL`",
  },
  HAKIKA_PROCESSES: {
    default: "1",
    means:
      "so many receiver processes on one `PORT`, before one worker process; SIGTERM to the first process drains all " +
      "of them",
  },
  HAKIKA_SMTP_URL: {
    default: null,
    unset: "none",
    means: "for alerts by e-mail: `smtp://user:password@host:587?from=...` or `smtps://`; its address is checked too",
  },
  HAKIKA_TIME_ZONE: {
    default: "Africa/Nairobi",
    means: "whose days and weeks count: for what is usual at an hour, and for times that people see",
  },
  HAKIKA_SMTP_URL_FILE: { default: null, unset: "none", means: "a file that has `HAKIKA_SMTP_URL`, in its place" },
  DATABASE_URL_FILE: { default: null, unset: "none", means: "a file that has `DATABASE_URL`, in its place" },
  DATABASE_DIRECT_URL_FILE: {
    default: null,
    unset: "none",
    means: "a file that has `DATABASE_DIRECT_URL`, in its place",
  },
  HAKIKA_ADMIN_KEY_FILE: { default: null, unset: "none", means: "a file that has `HAKIKA_ADMIN_KEY`, in its place" },
  HAKIKA_SECRET_KEY_FILE: { default: null, unset: "none", means: "a file that has `HAKIKA_SECRET_KEY`, in its place" },
  HAKIKA_TRUSTED_PROXIES: { default: "", unset: "none", means: "CIDRs whose `X-Forwarded-For` counts" },
  HAKIKA_EGRESS_ALLOW: {
    default: "",
    unset: "none",
    means: "CIDRs that merchant and provider URLs may reach although private or loopback",
  },
  HAKIKA_RECONCILE_CRON: {
    default: "*/1 * * * *",
    means: "internal schedule (UTC); `off` where an outside cron calls `POST /v1/reconcile`",
  },
  HAKIKA_RETENTION_DAYS: { default: "90", means: "raw bodies older than this are dropped" },
  HAKIKA_PERSONAL_DATA_DAYS: {
    default: "0",
    means:
      "so many days after a transaction finished its phone, names and free texts are erased everywhere, keyed hashes " +
      "stay; 0 keeps them",
  },
  HAKIKA_LIMIT_ENDPOINTS: { default: "50", means: "endpoints that a merchant may have" },
  HAKIKA_LIMIT_CONNECTIONS: { default: "100", means: "connections that a merchant may have" },
  HAKIKA_LIMIT_KEYS: { default: "50", means: "API keys that a merchant may have" },
  HAKIKA_LIMIT_CALLS_PER_S: {
    default: "100",
    means:
      "API calls a second that a key may make on average, and four times as many at once; the admin's has no limit",
  },
  LOG_LEVEL: { default: "info", means: "pino level; one JSON line per unit of work" },
  PG_BIN_DIR: { default: null, unset: "bundled", means: "other PostgreSQL binaries for the embedded database" },
  ...tracingVariables,
} as const satisfies Record<string, Variable>;
