import { sealContext } from "../../database/seal-contexts.ts";

/** A column of a primary key, and the type that its text is cast to for comparison. */
type KeyColumn = { name: string; type: "uuid" | "text" | "bytea" };

/** A column of sealed values: the key of its rows, and the context that binds a value to its row. */
export type SealedColumn = {
  table: string;
  column: string;
  /** Whether the table has shards, which are then read one by one. */
  sharded: boolean;
  /** The primary key of a row, within its shard. */
  key: readonly KeyColumn[];
  /** A column that the context needs in addition to the key. */
  also?: string;
  context: (row: Readonly<Record<string, string>>) => string;
};

const id = [{ name: "id", type: "uuid" }] as const;
const connectionId = [{ name: "connection_id", type: "uuid" }] as const;

/** All columns of sealed values. A column that is missing here is missed by a rotation. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: "connections", column: "credentials", sharded: true, key: id, context: r => sealContext.credentials(r.id!) },
  {
    table: "connections",
    column: "verification_secrets",
    sharded: true,
    key: id,
    context: r => sealContext.verificationSecrets(r.id!),
  },
  {
    table: "connections",
    column: "forward_secret",
    sharded: true,
    key: id,
    context: r => sealContext.forwardSecret(r.id!),
  },
  {
    table: "connection_tokens",
    column: "token",
    sharded: true,
    key: [{ name: "token_hash", type: "bytea" }],
    also: "connection_id",
    context: r => sealContext.callbackToken(r.connection_id!),
  },
  {
    table: "access_tokens",
    column: "token",
    sharded: true,
    key: connectionId,
    context: r => sealContext.accessToken(r.connection_id!),
  },
  {
    table: "named_access_tokens",
    column: "token",
    sharded: true,
    key: [...connectionId, { name: "name", type: "text" }],
    context: r => sealContext.namedAccessToken(r.connection_id!, r.name!),
  },
  { table: "endpoints", column: "headers", sharded: true, key: id, context: r => sealContext.endpointHeaders(r.id!) },
  {
    table: "endpoint_secrets",
    column: "secret",
    sharded: true,
    key: id,
    context: r => sealContext.endpointSecret(r.id!),
  },
  {
    table: "idempotency_keys",
    column: "answer",
    sharded: true,
    key: [
      { name: "scope", type: "text" },
      { name: "key", type: "text" },
    ],
    context: r => sealContext.idempotentAnswer(r.scope!, r.key!),
  },
  { table: "approvals", column: "request", sharded: true, key: id, context: r => sealContext.approvalRequest(r.id!) },
  { table: "alert_channels", column: "secrets", sharded: true, key: id, context: r => sealContext.alertChannel(r.id!) },
  {
    table: "installation_keys",
    column: "sealed",
    sharded: false,
    key: [{ name: "name", type: "text" }],
    context: r => `installation_keys.sealed:${r.name!}`,
  },
];
