CREATE TABLE "relays" (
	"shard" smallint NOT NULL,
	"callback_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"state" text NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"tries" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "relays_shard_callback_id_pk" PRIMARY KEY("shard","callback_id"),
	CONSTRAINT "relays_state" CHECK ("relays"."state" in ('pending', 'delivered', 'failed'))
);
--> statement-breakpoint
CREATE INDEX "relays_by_id" ON "relays" USING btree ("shard","id");--> statement-breakpoint
CREATE INDEX "relays_due" ON "relays" USING btree ("shard","due_at") WHERE state = 'pending';