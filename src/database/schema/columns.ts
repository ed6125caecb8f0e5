import { customType, smallint, timestamp, uuid } from "drizzle-orm/pg-core";

/**
 * First column of every key of a merchant's data: the distribution column of a cluster (docs/adr/0002-shard-in-ids.md).
 */
export const shard = () => smallint("shard").notNull();

/** UUIDv7 made by the application; no sequences. */
export const id = () => uuid("id").notNull();

/** `timestamptz`, milliseconds. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });

export const createdAt = () => time("created_at").notNull().defaultNow();

export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** Text in the order of its bytes, so that the words with one beginning stand together in an index. */
export const textByBytes = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });
