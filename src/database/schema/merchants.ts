import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea, createdAt, id, shard, time } from "./columns.ts";

/** A merchant. Its shard is chosen at creation, once, for everything that belongs to it. */
export const merchants = pgTable(
  "merchants",
  { shard: shard(), id: id(), name: text("name").notNull(), createdAt: createdAt() },
  t => [primaryKey({ columns: [t.shard, t.id] })],
);

/**
 * A merchant's keys to the management API. Only the SHA-256 is kept: a key is 256 random bits, so it needs no slow
 * hash.
 */
export const apiKeys = pgTable(
  "api_keys",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    name: text("name").notNull(),
    keyHash: bytea("key_hash").notNull(),
    /** What the key may do: `read`, `register`, `start`, `decide`, `manage`. */
    scopes: text("scopes").array().notNull(),
    /** Null: never. */
    expiresAt: time("expires_at"),
    /** Who made it: `admin`, or the public id of an operator or a key; null where it is older than this column. */
    createdBy: text("created_by"),
    lastUsedAt: time("last_used_at"),
    createdAt: createdAt(),
    deletedAt: time("deleted_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    unique("api_keys_hash").on(t.shard, t.keyHash),
    foreignKey({ columns: [t.shard, t.merchantId], foreignColumns: [merchants.shard, merchants.id] }),
  ],
);

/** One account of a merchant at one provider. `credentials`, `verification_secrets`, `forward_secret` are sealed. */
export const connections = pgTable(
  "connections",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    provider: text("provider").notNull(),
    name: text("name").notNull(),
    environment: text("environment").notNull(),
    baseUrl: text("base_url"),
    /** Sealed JSON object of credential name to value. */
    credentials: text("credentials").notNull(),
    /** The names in `credentials`, readable without the key. */
    credentialNames: text("credential_names").array().notNull(),
    /** As the API shows it, without secrets. */
    verification: jsonb("verification").notNull(),
    /** Sealed JSON object: `signature`, `basic`, `header`. */
    verificationSecrets: text("verification_secrets").notNull(),
    settings: jsonb("settings").notNull(),
    /** Ids that the provider gave to registered callback URLs (RegisterAnswer.ids). */
    registeredIds: jsonb("registered_ids").notNull().default({}),
    forwardSecret: text("forward_secret").notNull(),
    createdAt: createdAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
    deletedAt: time("deleted_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("connections_by_merchant").on(t.shard, t.merchantId, t.id),
    foreignKey({ columns: [t.shard, t.merchantId], foreignColumns: [merchants.shard, merchants.id] }),
  ],
);

/**
 * The secret part of callback URLs. A token begins with its shard, so that a look-up names it by equality; sealed
 * beside the hash because the URL must be shown again. A rotated token lives until `expires_at`, or for good.
 */
export const connectionTokens = pgTable(
  "connection_tokens",
  {
    shard: shard(),
    tokenHash: bytea("token_hash").notNull(),
    connectionId: uuid("connection_id").notNull(),
    token: text("token").notNull(),
    createdAt: createdAt(),
    expiresAt: time("expires_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.tokenHash] }),
    index("connection_tokens_by_connection").on(t.shard, t.connectionId),
    foreignKey({ columns: [t.shard, t.connectionId], foreignColumns: [connections.shard, connections.id] }),
  ],
);

/** A merchant's URLs that take events. */
export const endpoints = pgTable(
  "endpoints",
  {
    shard: shard(),
    id: id(),
    merchantId: uuid("merchant_id").notNull(),
    url: text("url").notNull(),
    eventTypes: text("event_types").array().notNull(),
    /** Whose events it takes: those of sandbox connections, of production ones, or `any`. */
    environment: text("environment").$type<"production" | "sandbox" | "any">().notNull(),
    description: text("description"),
    /** Seconds to wait after each failed attempt; null: the default schedule. */
    retryScheduleS: integer("retry_schedule_s").array(),
    rateLimitPerS: integer("rate_limit_per_s"),
    /** Until when the attempts so far use up the rate limit, for all workers together. */
    pacedUntil: timestamp("paced_until", { withTimezone: true }),
    /** Sealed JSON object: headers often carry keys. */
    headers: text("headers").notNull(),
    headerNames: text("header_names").array().notNull(),
    enabled: boolean("enabled").notNull().default(true),
    disabledReason: text("disabled_reason"),
    disabledAt: time("disabled_at"),
    /** The first of an unbroken run of failures; null after a success. */
    failingSince: time("failing_since"),
    lastSuccessAt: time("last_success_at"),
    lastFailureAt: time("last_failure_at"),
    createdAt: createdAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
    deletedAt: time("deleted_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("endpoints_by_merchant").on(t.shard, t.merchantId, t.id),
    foreignKey({ columns: [t.shard, t.merchantId], foreignColumns: [merchants.shard, merchants.id] }),
  ],
);

/** Signing secrets of an endpoint: all that have not expired sign. */
export const endpointSecrets = pgTable(
  "endpoint_secrets",
  {
    shard: shard(),
    id: id(),
    endpointId: uuid("endpoint_id").notNull(),
    secret: text("secret").notNull(),
    createdAt: createdAt(),
    expiresAt: time("expires_at"),
  },
  t => [
    primaryKey({ columns: [t.shard, t.id] }),
    index("endpoint_secrets_by_endpoint").on(t.shard, t.endpointId),
    foreignKey({ columns: [t.shard, t.endpointId], foreignColumns: [endpoints.shard, endpoints.id] }),
  ],
);

/** `Idempotency-Key` of a POST: the first takes the row, the rest get its answer. Shard 0 for the admin's. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    shard: shard(),
    /** The caller: `admin` or the API key's id. */
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    /** SHA-256 of method, path and body. */
    fingerprint: bytea("fingerprint").notNull(),
    /** Null while the first is still running. */
    status: smallint("status"),
    /** Sealed: answers may carry secrets that are shown once. */
    answer: text("answer"),
    lockedUntil: time("locked_until").notNull(),
    createdAt: createdAt(),
  },
  t => [primaryKey({ columns: [t.shard, t.scope, t.key] }), index("idempotency_keys_by_age").on(t.createdAt)],
);
