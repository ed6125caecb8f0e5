CREATE TABLE "starts" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"key" text NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"order_id" uuid NOT NULL,
	"state" text NOT NULL,
	"transaction_id" uuid,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"provider_message" text,
	"lease_id" uuid,
	"due_at" timestamp (3) with time zone,
	"begun_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "starts_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "starts_by_key" UNIQUE("shard","merchant_id","key")
);
--> statement-breakpoint
ALTER TABLE "transactions" ADD COLUMN "start" jsonb;--> statement-breakpoint
CREATE INDEX "starts_by_transaction" ON "starts" USING btree ("shard","transaction_id");