CREATE TABLE "audit_cursors" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"audited_to" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_cursors_shard_connection_id_pk" PRIMARY KEY("shard","connection_id")
);
--> statement-breakpoint
DROP INDEX "poll_queue_waiting";--> statement-breakpoint
ALTER TABLE "poll_queue" ADD COLUMN "audit" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_cursors" ADD COLUMN "last_page" text;--> statement-breakpoint
CREATE INDEX "poll_queue_audit" ON "poll_queue" USING btree ("shard","connection_id","transaction_id") WHERE audit;--> statement-breakpoint
CREATE INDEX "poll_queue_waiting" ON "poll_queue" USING btree ("shard","due_at") WHERE not ready and not audit;