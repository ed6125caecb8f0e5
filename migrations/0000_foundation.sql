CREATE TABLE "deliveries" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"state" text NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "deliveries_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "deliveries_state" CHECK ("deliveries"."state" in ('pending', 'delivered', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "delivery_attempts" (
	"shard" smallint NOT NULL,
	"delivery_id" uuid NOT NULL,
	"attempt" smallint NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"latency_ms" integer NOT NULL,
	"status" smallint,
	"error" text,
	"answer" text,
	CONSTRAINT "delivery_attempts_shard_delivery_id_attempt_pk" PRIMARY KEY("shard","delivery_id","attempt")
);
--> statement-breakpoint
CREATE TABLE "delivery_queue" (
	"shard" smallint NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"order_key" uuid NOT NULL,
	"sequence" integer NOT NULL,
	"delivery_id" uuid NOT NULL,
	"due_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"lease_id" uuid,
	CONSTRAINT "delivery_queue_shard_endpoint_id_order_key_sequence_delivery_id_pk" PRIMARY KEY("shard","endpoint_id","order_key","sequence","delivery_id")
);
--> statement-breakpoint
CREATE TABLE "callback_bodies" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	CONSTRAINT "callback_bodies_shard_id_pk" PRIMARY KEY("shard","id")
) PARTITION BY RANGE ("id");--> statement-breakpoint
-- Whatever no day takes (a clock far off): the daily partitions are made by database/partitions.ts.
CREATE TABLE "callback_bodies_default" PARTITION OF "callback_bodies" DEFAULT;
--> statement-breakpoint
CREATE TABLE "callback_readings" (
	"shard" smallint NOT NULL,
	"callback_id" uuid NOT NULL,
	"reading" smallint DEFAULT 1 NOT NULL,
	"state" text NOT NULL,
	"problems" jsonb NOT NULL,
	"transaction_ids" uuid[] NOT NULL,
	"read_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "callback_readings_shard_callback_id_pk" PRIMARY KEY("shard","callback_id"),
	CONSTRAINT "callback_readings_state" CHECK ("callback_readings"."state" in ('processed', 'quarantined'))
);
--> statement-breakpoint
CREATE TABLE "callbacks" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"channel" text NOT NULL,
	"key" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"copies" integer DEFAULT 1 NOT NULL,
	"batch_id" uuid NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"strength" text NOT NULL,
	"answer" jsonb,
	CONSTRAINT "callbacks_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "callbacks_once" UNIQUE("shard","connection_id","channel","key","digest"),
	CONSTRAINT "callbacks_strength" CHECK ("callbacks"."strength" in ('hint', 'signed'))
);
--> statement-breakpoint
CREATE TABLE "inbox_queue" (
	"shard" smallint NOT NULL,
	"callback_id" uuid NOT NULL,
	"due_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"lease_id" uuid,
	CONSTRAINT "inbox_queue_shard_callback_id_pk" PRIMARY KEY("shard","callback_id")
);
--> statement-breakpoint
CREATE TABLE "heartbeats" (
	"role" text NOT NULL,
	"process_id" uuid NOT NULL,
	"beat_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "heartbeats_role_process_id_pk" PRIMARY KEY("role","process_id")
);
--> statement-breakpoint
CREATE TABLE "installation_keys" (
	"name" text PRIMARY KEY NOT NULL,
	"sealed" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"name" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "api_keys_hash" UNIQUE("shard","key_hash")
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "connection_tokens" (
	"shard" smallint NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"connection_id" uuid NOT NULL,
	"token" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "connection_tokens_shard_token_hash_pk" PRIMARY KEY("shard","token_hash")
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"name" text NOT NULL,
	"environment" text NOT NULL,
	"base_url" text,
	"credentials" text NOT NULL,
	"credential_names" text[] NOT NULL,
	"verification" jsonb NOT NULL,
	"verification_secrets" text NOT NULL,
	"settings" jsonb NOT NULL,
	"forward_secret" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "connections_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "endpoint_secrets" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"secret" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "endpoint_secrets_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "endpoints" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"url" text NOT NULL,
	"event_types" text[] NOT NULL,
	"description" text,
	"retry_schedule_s" integer[],
	"rate_limit_per_s" integer,
	"headers" text NOT NULL,
	"header_names" text[] NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"disabled_reason" text,
	"disabled_at" timestamp (3) with time zone,
	"failing_since" timestamp (3) with time zone,
	"last_success_at" timestamp (3) with time zone,
	"last_failure_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "endpoints_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"shard" smallint NOT NULL,
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"status" smallint,
	"answer" text,
	"locked_until" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_shard_scope_key_pk" PRIMARY KEY("shard","scope","key")
);
--> statement-breakpoint
CREATE TABLE "merchants" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "merchants_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"type" text NOT NULL,
	"transaction_id" uuid,
	"sequence" integer,
	"body" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "events_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"shard" smallint NOT NULL,
	"transaction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"source" text NOT NULL,
	"strength" text NOT NULL,
	"says" text NOT NULL,
	"callback_id" uuid,
	"reading" smallint NOT NULL,
	"finding" jsonb NOT NULL,
	"learnt_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "evidence_shard_transaction_id_id_pk" PRIMARY KEY("shard","transaction_id","id"),
	CONSTRAINT "evidence_strength" CHECK ("evidence"."strength" in ('hint', 'signed', 'poll', 'statement', 'operator'))
);
--> statement-breakpoint
CREATE TABLE "transaction_keys" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"key" text NOT NULL,
	"transaction_id" uuid NOT NULL,
	CONSTRAINT "transaction_keys_shard_connection_id_key_pk" PRIMARY KEY("shard","connection_id","key")
);
--> statement-breakpoint
CREATE TABLE "transaction_refs" (
	"shard" smallint NOT NULL,
	"value" text NOT NULL,
	"transaction_id" uuid NOT NULL,
	CONSTRAINT "transaction_refs_shard_value_transaction_id_pk" PRIMARY KEY("shard","value","transaction_id")
);
--> statement-breakpoint
CREATE TABLE "transactions" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"status_source" text NOT NULL,
	"registered" boolean NOT NULL,
	"version" integer NOT NULL,
	"sequence" integer NOT NULL,
	"reference" text,
	"provider_refs" jsonb NOT NULL,
	"amount" bigint,
	"currency" text,
	"phone" text,
	"phone_hash" "bytea",
	"party_name" text,
	"result" jsonb,
	"review" jsonb,
	"details" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"registration" jsonb,
	"occurred_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"merged_into" uuid,
	CONSTRAINT "transactions_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "transactions_status" CHECK ("transactions"."status" in ('pending', 'processing', 'completed', 'failed', 'expired', 'refunded', 'unresolved')),
	CONSTRAINT "transactions_money" CHECK (("transactions"."amount" is null) or ("transactions"."currency" is not null))
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_shard_merchant_id_merchants_shard_id_fk" FOREIGN KEY ("shard","merchant_id") REFERENCES "public"."merchants"("shard","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connection_tokens" ADD CONSTRAINT "connection_tokens_shard_connection_id_connections_shard_id_fk" FOREIGN KEY ("shard","connection_id") REFERENCES "public"."connections"("shard","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_shard_merchant_id_merchants_shard_id_fk" FOREIGN KEY ("shard","merchant_id") REFERENCES "public"."merchants"("shard","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoint_secrets" ADD CONSTRAINT "endpoint_secrets_shard_endpoint_id_endpoints_shard_id_fk" FOREIGN KEY ("shard","endpoint_id") REFERENCES "public"."endpoints"("shard","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_shard_merchant_id_merchants_shard_id_fk" FOREIGN KEY ("shard","merchant_id") REFERENCES "public"."merchants"("shard","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deliveries_by_event" ON "deliveries" USING btree ("shard","event_id");--> statement-breakpoint
CREATE INDEX "deliveries_by_endpoint" ON "deliveries" USING btree ("shard","endpoint_id","id");--> statement-breakpoint
CREATE INDEX "delivery_queue_due" ON "delivery_queue" USING btree ("shard","endpoint_id","due_at");--> statement-breakpoint
CREATE INDEX "callback_readings_quarantined" ON "callback_readings" USING btree ("shard","callback_id") WHERE state = 'quarantined';--> statement-breakpoint
CREATE INDEX "audit_by_merchant" ON "audit" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "connection_tokens_by_connection" ON "connection_tokens" USING btree ("shard","connection_id");--> statement-breakpoint
CREATE INDEX "connections_by_merchant" ON "connections" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "endpoint_secrets_by_endpoint" ON "endpoint_secrets" USING btree ("shard","endpoint_id");--> statement-breakpoint
CREATE INDEX "endpoints_by_merchant" ON "endpoints" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_by_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "events_by_merchant" ON "events" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "events_sequence" ON "events" USING btree ("shard","transaction_id","sequence") WHERE transaction_id is not null;--> statement-breakpoint
CREATE INDEX "transaction_keys_by_transaction" ON "transaction_keys" USING btree ("shard","transaction_id");--> statement-breakpoint
CREATE INDEX "transactions_by_merchant" ON "transactions" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "transactions_by_reference" ON "transactions" USING btree ("shard","connection_id",lower(btrim(reference)),"id") WHERE reference is not null;--> statement-breakpoint
CREATE INDEX "transactions_in_review" ON "transactions" USING btree ("shard","id") WHERE review is not null and merged_into is null;--> statement-breakpoint
-- Queue rows live for milliseconds: room on each page for HOT updates, and vacuum by count, not by share.
ALTER TABLE "inbox_queue" SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
ALTER TABLE "delivery_queue" SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
ALTER TABLE "callbacks" SET (fillfactor = 90);--> statement-breakpoint
ALTER TABLE "transactions" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "deliveries" SET (fillfactor = 85);
