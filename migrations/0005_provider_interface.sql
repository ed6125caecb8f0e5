CREATE TABLE "named_access_tokens" (
	"name" text NOT NULL,
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"token" text,
	"origin" text,
	"refresh_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"lease_id" uuid,
	"leased_until" timestamp (3) with time zone,
	CONSTRAINT "named_access_tokens_shard_connection_id_name_pk" PRIMARY KEY("shard","connection_id","name")
);
--> statement-breakpoint
ALTER TABLE "callback_bodies" ADD COLUMN "method" text DEFAULT 'POST' NOT NULL;--> statement-breakpoint
ALTER TABLE "callback_bodies" ADD COLUMN "query" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "callback_readings" ADD COLUMN "changed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "registered_ids" jsonb DEFAULT '{}'::jsonb NOT NULL;