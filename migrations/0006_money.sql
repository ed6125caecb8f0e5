CREATE TABLE "polls" (
	"shard" smallint NOT NULL,
	"transaction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"latency_ms" integer,
	CONSTRAINT "polls_shard_transaction_id_id_pk" PRIMARY KEY("shard","transaction_id","id")
);
--> statement-breakpoint
CREATE TABLE "registrations" (
	"shard" smallint NOT NULL,
	"transaction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" jsonb NOT NULL,
	"values" jsonb NOT NULL,
	"amended_from" jsonb,
	CONSTRAINT "registrations_shard_transaction_id_id_pk" PRIMARY KEY("shard","transaction_id","id")
);
--> statement-breakpoint
ALTER TABLE "callback_readings" ADD COLUMN "read_as" text;--> statement-breakpoint
ALTER TABLE "callback_readings" ADD COLUMN "wrong_receiver" text;--> statement-breakpoint
ALTER TABLE "inbox_queue" ADD COLUMN "read_as" text;--> statement-breakpoint
-- Endpoints from before take every environment, as they did. New ones say which.
ALTER TABLE "endpoints" ADD COLUMN "environment" text DEFAULT 'any' NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ALTER COLUMN "environment" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "pull_cursors" ADD COLUMN "window_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "pull_cursors" ADD COLUMN "window_to" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "pull_cursors" ADD COLUMN "next_offset" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_cursors" ADD COLUMN "rows" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_cursors" ADD COLUMN "pages_without_new" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_cursors" ADD COLUMN "trouble" text;--> statement-breakpoint
ALTER TABLE "reversals" ADD COLUMN "amount" bigint;--> statement-breakpoint
ALTER TABLE "reversals" ADD COLUMN "currency" text;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "environment" text;--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "environment" text DEFAULT 'production' NOT NULL;--> statement-breakpoint
ALTER TABLE "transactions" ALTER COLUMN "environment" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "refunded_amount" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "phone_masked" text;--> statement-breakpoint
CREATE INDEX "callback_readings_wrong_receiver" ON "callback_readings" USING btree ("shard","wrong_receiver","callback_id") WHERE wrong_receiver is not null;--> statement-breakpoint
CREATE INDEX "transactions_by_phone" ON "transactions" USING btree ("shard","merchant_id","phone_hash","id") WHERE phone_hash is not null;--> statement-breakpoint
ALTER TABLE "transactions" ADD CONSTRAINT "transactions_environment" CHECK ("transactions"."environment" in ('sandbox', 'production'));--> statement-breakpoint
UPDATE "transactions" t SET "environment" = 'sandbox'
FROM "connections" c WHERE c."shard" = t."shard" AND c."id" = t."connection_id" AND c."environment" = 'sandbox';--> statement-breakpoint
UPDATE "events" e SET "environment" = t."environment"
FROM "transactions" t WHERE t."shard" = e."shard" AND t."id" = e."transaction_id";--> statement-breakpoint
-- Until now every refund was of the whole.
UPDATE "transactions" SET "refunded_amount" = "amount" WHERE "status" = 'refunded' AND "amount" IS NOT NULL;--> statement-breakpoint
-- A registered transaction whose success is not believed has a reason of its own now. Nothing is told again.
UPDATE "transactions" SET "review" = jsonb_set("review", '{reason}', '"needs_proof"')
WHERE "registered" AND "review"->>'reason' = 'unregistered';--> statement-breakpoint
-- Hints that settled a transaction by the rules before, and would not by the new ones, still count: no told status
-- changes because the rules do.
UPDATE "evidence" e SET "finding" = e."finding" || '{"believed": true}'
FROM "transactions" t
WHERE t."shard" = e."shard" AND t."id" = e."transaction_id" AND e."strength" = 'hint' AND e."says" = t."status"
  AND t."kind" NOT IN ('sms', 'email') AND (
    (e."says" = 'completed' AND (
      NOT e."finding" ? 'amount' OR e."finding"->'amount'->>'minor' = '0'
      OR (t."kind" <> 'c2b' AND e."finding"->>'kind' <> 'c2b'
        AND (t."registration"->'amount' IS NULL OR t."registration"->'amount' = 'null'
          OR t."registration"->'amount' = e."finding"->'amount'))))
    OR (e."says" IN ('failed', 'expired') AND t."kind" NOT IN ('stk_push', 'c2b', 'checkout', 'payment')));
