import { openHop, sealHop, sealSubscriber } from "../answer/ussd/sealed-hop.ts";
import type { PhoneHasher } from "../database/installation-key.ts";
import { type KeptRequest, sealRequest } from "../database/vault/callback-body.ts";
import { keyedKey } from "../database/vault/keyed-key.ts";
import type { Vault } from "../database/vault/vault.ts";
import { registrationToJson } from "../settle/finding-json.ts";
import { personalColumns } from "../settle/personal-part.ts";
import { type TransactionRow, transactionFromRow } from "../settle/transaction-row.ts";

type Row = Record<string, unknown>;

/** Values of a row to write, as PostgreSQL's texts; `sealed` in base64, null where it stays as it is. */
type FreshValues = { sealed: string | null } & Record<string, string | null>;

/** A table whose rows from before personal data was sealed have plain columns. */
export type OldTable = {
  table: string;
  /** The primary key within a shard. Its first column is a UUIDv7, by which the rows are walked through. */
  key: readonly string[];
  /** What a plain row is, of the table `t`. */
  isPlain: string;
  /** What is read beside the row itself. */
  also?: string;
  /** Empties the plain columns. `r` has the fresh values. */
  set: string;
  fresh: (row: Row, keys: { vault: Vault; phones: PhoneHasher }) => FreshValues;
};

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** All tables with plain columns of before. */
export const oldTables: readonly OldTable[] = [
  {
    table: "transactions",
    key: ["id"],
    isPlain: `t.phone is not null or t.phone_masked is not null or t.party_name is not null or t.details <> '{}'
      or t.metadata <> '{}' or jsonb_typeof(t.registration -> 'phone') = 'string' or t.registration ? 'metadata'`,
    set: `phone = null, phone_masked = null, party_name = null, details = '{}', metadata = '{}',
      has_phone = r.has_phone::boolean, name_hashes = r.name_hashes::int[], registration = r.registration::jsonb,
      phone_hash = coalesce(decode(r.phone_hash, 'hex'), t.phone_hash)`,
    fresh(row, { vault, phones }) {
      const t = transactionFromRow(row as unknown as TransactionRow, vault);
      const { sealed, has_phone, name_hashes } = personalColumns(t, vault);
      return {
        sealed: sealed?.toString("base64") ?? null,
        has_phone: String(has_phone),
        name_hashes: name_hashes && `{${name_hashes.join(",")}}`,
        registration: json(registrationToJson(t.registration)),
        phone_hash: t.phone === null ? null : phones.ofPhone(t.phone).toString("hex"),
      };
    },
  },
  {
    table: "evidence",
    key: ["transaction_id", "id"],
    isPlain: "t.finding is not null",
    set: "finding = null",
    fresh: ({ id, finding }, { vault }) => ({
      sealed: vault.sealJson("evidence", id as string, finding).toString("base64"),
    }),
  },
  {
    table: "registrations",
    key: ["transaction_id", "id"],
    isPlain: "t.values is not null",
    set: "values = null, amended_from = null",
    fresh: ({ id, values, amended_from: amendedFrom }, { vault }) => ({
      sealed: vault.sealJson("registrations", id as string, { values, amendedFrom }).toString("base64"),
    }),
  },
  {
    table: "events",
    key: ["id"],
    isPlain: "t.body is not null",
    set: "body = null",
    fresh: ({ id, body }, { vault }) => ({
      sealed: vault.seal("events", id as string, body as string).toString("base64"),
    }),
  },
  {
    table: "callback_bodies",
    key: ["id"],
    isPlain: "t.body is not null",
    set: "body = null, headers = null, query = '', method = 'POST'",
    fresh: ({ id, ...request }, { vault }) => {
      const { method, query, headers, body } = request as unknown as KeptRequest;
      return { sealed: sealRequest(id as string, { method, query, headers, body }, vault).toString("base64") };
    },
  },
  {
    table: "callbacks",
    key: ["id"],
    isPlain: "t.answer is not null or (t.channel = 'ussd' and t.key !~ '^(keyed|digest|unverified|sha256):')",
    // The same screen may have come again since: then its key is taken.
    set: `answer = null, key = case when exists (select from callbacks o where o.shard = t.shard
        and o.connection_id = t.connection_id and o.channel = t.channel and o.key = r.key and o.digest = t.digest
        and o.id <> t.id) then r.key || ':' || t.id else r.key end`,
    fresh: ({ id, channel, key, answer }, { vault }) => ({
      sealed: answer === null ? null : vault.sealJson("callbacks", id as string, answer).toString("base64"),
      key:
        channel === "ussd" && !/^(keyed|digest|unverified|sha256):/.test(key as string)
          ? keyedKey(key as string, vault)
          : (key as string),
    }),
  },
  {
    table: "deliveries",
    key: ["id"],
    isPlain: "t.first_answer is not null",
    set: "first_answer = null",
    fresh: ({ id, first_answer: answer }, { vault }) => ({
      sealed: answer === "" ? null : vault.seal("delivery_attempts", id as string, answer as string).toString("base64"),
    }),
  },
  {
    table: "delivery_attempts",
    key: ["delivery_id", "attempt"],
    isPlain: "t.answer is not null",
    set: "answer = null",
    fresh: ({ delivery_id: id, answer }, { vault }) => ({
      sealed: answer === "" ? null : vault.seal("delivery_attempts", id as string, answer as string).toString("base64"),
    }),
  },
  {
    table: "ussd_sessions",
    key: ["id"],
    isPlain: "t.phone is not null",
    set: "phone = null, phone_hash = decode(r.phone_hash, 'hex')",
    fresh: ({ connection_id: connectionId, session_id: sessionId, phone }, { vault }) =>
      sealSubscriber({ connectionId, sessionId } as never, phone as string, vault),
  },
  {
    table: "ussd_hops",
    key: ["session", "typed"],
    isPlain: "t.input is not null",
    also: `(select jsonb_build_object('connectionId', s.connection_id, 'sessionId', s.session_id)
      from ussd_sessions s where s.shard = t.shard and s.id = t.session) as of_session`,
    set: "input = null, answer = null",
    fresh: ({ of_session: session, input, answer }, { vault }) => ({
      sealed:
        answer === null || session === null
          ? null
          : sealHop(
              session as never,
              openHop(session as never, { sealed: null, input, answer } as never, vault),
              vault,
            ),
    }),
  },
];
