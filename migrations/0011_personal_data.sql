CREATE TABLE "personal_data_cursors" (
	"shard" smallint NOT NULL,
	"task" text NOT NULL,
	"reached" uuid NOT NULL,
	CONSTRAINT "personal_data_cursors_shard_task_pk" PRIMARY KEY("shard","task")
);
--> statement-breakpoint
ALTER TABLE "callback_bodies" ALTER COLUMN "headers" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "callback_bodies" ALTER COLUMN "body" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ALTER COLUMN "body" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "evidence" ALTER COLUMN "finding" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "registrations" ALTER COLUMN "values" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ussd_hops" ALTER COLUMN "input" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "delivery_attempts" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "callback_bodies" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "callbacks" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "evidence" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "registrations" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "has_phone" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "name_hashes" integer[];--> statement-breakpoint
ALTER TABLE "ussd_hops" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "ussd_sessions" ADD COLUMN "sealed" "bytea";--> statement-breakpoint
ALTER TABLE "ussd_sessions" ADD COLUMN "phone_hash" "bytea";--> statement-breakpoint
CREATE INDEX "events_without_transaction" ON "events" USING btree ("shard","id") WHERE transaction_id is null;--> statement-breakpoint
CREATE INDEX "transactions_by_name" ON "transactions" USING gin ("name_hashes");--> statement-breakpoint
CREATE INDEX "transactions_not_erased" ON "transactions" USING btree ("shard","created_at") WHERE erased_at is null;