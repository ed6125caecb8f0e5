CREATE TABLE "access_tokens" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"token" text,
	"origin" text,
	"refresh_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"lease_id" uuid,
	"leased_until" timestamp (3) with time zone,
	CONSTRAINT "access_tokens_shard_connection_id_pk" PRIMARY KEY("shard","connection_id")
);
--> statement-breakpoint
CREATE TABLE "connection_pace" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"calls" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"paused_until" timestamp (3) with time zone,
	"pause_reason" text,
	"pause_detail" text,
	"paused_at" timestamp (3) with time zone,
	"errors" integer DEFAULT 0 NOT NULL,
	"pauses" integer DEFAULT 0 NOT NULL,
	"probe_until" timestamp (3) with time zone,
	"stopped" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "connection_pace_shard_connection_id_pk" PRIMARY KEY("shard","connection_id")
);
--> statement-breakpoint
CREATE TABLE "poll_queue" (
	"shard" smallint NOT NULL,
	"transaction_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"ready" boolean NOT NULL,
	"urgent" boolean NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"lease_id" uuid,
	"asked_at" timestamp (3) with time zone,
	"tries" smallint DEFAULT 0 NOT NULL,
	"failures" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "poll_queue_shard_transaction_id_pk" PRIMARY KEY("shard","transaction_id")
);
--> statement-breakpoint
CREATE TABLE "pull_cursors" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"pulled_to" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_id" uuid,
	CONSTRAINT "pull_cursors_shard_connection_id_pk" PRIMARY KEY("shard","connection_id")
);
--> statement-breakpoint
CREATE TABLE "reversals" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"receipt" text NOT NULL,
	"transaction_id" uuid NOT NULL,
	"source" text NOT NULL,
	"strength" text NOT NULL,
	CONSTRAINT "reversals_shard_connection_id_receipt_transaction_id_pk" PRIMARY KEY("shard","connection_id","receipt","transaction_id")
);
--> statement-breakpoint
CREATE INDEX "poll_queue_waiting" ON "poll_queue" USING btree ("shard","due_at") WHERE not ready;--> statement-breakpoint
CREATE INDEX "poll_queue_ready" ON "poll_queue" USING btree ("shard","connection_id","transaction_id") WHERE ready;--> statement-breakpoint
CREATE INDEX "poll_queue_urgent" ON "poll_queue" USING btree ("shard","connection_id","transaction_id") WHERE urgent;--> statement-breakpoint
CREATE INDEX "poll_queue_leased" ON "poll_queue" USING btree ("shard","connection_id") WHERE lease_id is not null;--> statement-breakpoint
CREATE INDEX "poll_queue_ends" ON "poll_queue" USING btree ("shard","ends_at");--> statement-breakpoint
-- A row is updated a few times and deleted: room on each page, and vacuum by count, not by share.
ALTER TABLE "poll_queue" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
ALTER TABLE "connection_pace" SET (fillfactor = 50);
