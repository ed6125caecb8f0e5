CREATE TABLE "alert_channels" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid,
	"kind" text NOT NULL,
	"target" text NOT NULL,
	"secrets" text NOT NULL,
	"alerts" text[],
	"remind_after_s" integer,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_success_at" timestamp (3) with time zone,
	"last_failure_at" timestamp (3) with time zone,
	"last_error" text,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "alert_channels_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "alert_channels_kind" CHECK ("alert_channels"."kind" in ('webhook', 'slack', 'telegram', 'email'))
);
--> statement-breakpoint
CREATE TABLE "alert_messages" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"alert_id" uuid,
	"channel_id" uuid NOT NULL,
	"about" text NOT NULL,
	"number" integer DEFAULT 0 NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_id" uuid,
	"error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "alert_messages_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "alert_messages_once" UNIQUE("shard","alert_id","channel_id","about","number"),
	CONSTRAINT "alert_messages_state" CHECK ("alert_messages"."state" in ('pending', 'delivered', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"connection_id" uuid,
	"endpoint_id" uuid,
	"channel" text,
	"environment" text,
	"detail" text NOT NULL,
	"opened_event" uuid NOT NULL,
	"closed_event" uuid NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"acknowledged_at" timestamp (3) with time zone,
	"acknowledged_by" text,
	"closed_at" timestamp (3) with time zone,
	"told" boolean DEFAULT false NOT NULL,
	CONSTRAINT "alerts_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "quarantined_words" (
	"shard" smallint NOT NULL,
	"word" text NOT NULL,
	"callback_id" uuid NOT NULL,
	CONSTRAINT "quarantined_words_shard_word_callback_id_pk" PRIMARY KEY("shard","word","callback_id")
);
--> statement-breakpoint
CREATE TABLE "callback_hours" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "callback_hours_shard_connection_id_channel_hour_pk" PRIMARY KEY("shard","connection_id","channel","hour")
);
--> statement-breakpoint
CREATE TABLE "channel_activity" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "channel_activity_shard_connection_id_channel_pk" PRIMARY KEY("shard","connection_id","channel")
);
--> statement-breakpoint
CREATE TABLE "silence_cursors" (
	"shard" smallint NOT NULL,
	"counted_to" timestamp (3) with time zone NOT NULL,
	"seen_to" timestamp (3) with time zone NOT NULL,
	"seen_from" timestamp (3) with time zone NOT NULL,
	"resumed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "silence_cursors_shard_pk" PRIMARY KEY("shard")
);
--> statement-breakpoint
ALTER TABLE "transaction_refs" ALTER COLUMN "value" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "rare_status" text GENERATED ALWAYS AS (case when status in ('failed', 'expired', 'refunded', 'unresolved') then status end) STORED;--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "occurred_far_at" timestamp (3) with time zone GENERATED ALWAYS AS (case when occurred_at - created_at not between interval '-1 day' and interval '1 day' then occurred_at end) STORED;--> statement-breakpoint
CREATE INDEX "alert_channels_by_merchant" ON "alert_channels" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "alert_messages_due" ON "alert_messages" USING btree ("shard","due_at") WHERE state = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_open" ON "alerts" USING btree ("shard","kind","subject") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "alerts_by_merchant" ON "alerts" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "alerts_untold" ON "alerts" USING btree ("shard","id") WHERE not told;--> statement-breakpoint
CREATE INDEX "transactions_by_kind" ON "transactions" USING btree ("shard","connection_id","kind","id");--> statement-breakpoint
CREATE INDEX "transactions_by_rare_status" ON "transactions" USING btree ("shard","rare_status","id") WHERE rare_status is not null;--> statement-breakpoint
CREATE INDEX "transactions_by_amount" ON "transactions" USING btree ("shard","currency","amount","id");--> statement-breakpoint
CREATE INDEX "transactions_occurred_far" ON "transactions" USING btree ("shard","occurred_far_at") WHERE occurred_far_at is not null;--> statement-breakpoint
CREATE INDEX "transactions_review_by_connection" ON "transactions" USING btree ("shard","connection_id","id") WHERE review is not null and merged_into is null;--> statement-breakpoint
-- Searches take any letter case: values are kept in small letters from now on.
INSERT INTO "transaction_refs" ("shard", "value", "transaction_id")
SELECT "shard", lower("value"), "transaction_id" FROM "transaction_refs" WHERE "value" <> lower("value")
ON CONFLICT DO NOTHING;--> statement-breakpoint
DELETE FROM "transaction_refs" WHERE "value" <> lower("value");
