CREATE TABLE "audit_heads" (
	"shard" smallint NOT NULL,
	"sequence" bigint NOT NULL,
	"last_id" uuid,
	"hash" "bytea" NOT NULL,
	"mac" "bytea" NOT NULL,
	CONSTRAINT "audit_heads_shard_pk" PRIMARY KEY("shard")
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_by_name" text NOT NULL,
	"asked_with" text,
	"fingerprint" "bytea" NOT NULL,
	"request" text NOT NULL,
	"summary" text NOT NULL,
	"amount" bigint,
	"currency" text,
	"state" text NOT NULL,
	"decided_by" text,
	"decided_by_name" text,
	"decided_at" timestamp (3) with time zone,
	"done_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "approvals_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "console_sessions" (
	"shard" smallint NOT NULL,
	"id_hash" "bytea" NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "console_sessions_shard_id_hash_pk" PRIMARY KEY("shard","id_hash")
);
--> statement-breakpoint
CREATE TABLE "operators" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"created_by" text NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "operators_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "operators_hash" UNIQUE("shard","key_hash")
);
--> statement-breakpoint
ALTER TABLE "audit" ALTER COLUMN "detail" DROP NOT NULL;--> statement-breakpoint
-- Keys from before may do everything, as they could.
ALTER TABLE "api_keys" ADD COLUMN "scopes" text[] DEFAULT '{read,register,start,decide,manage}' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ALTER COLUMN "scopes" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "expires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "actor_kind" text;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "actor_name" text;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "actor_address" text;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "before" jsonb;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "after" jsonb;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "sequence" bigint;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "previous_id" uuid;--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "hash" "bytea";--> statement-breakpoint
CREATE INDEX "approvals_by_merchant" ON "approvals" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "approvals_by_fingerprint" ON "approvals" USING btree ("shard","fingerprint");--> statement-breakpoint
CREATE INDEX "console_sessions_by_age" ON "console_sessions" USING btree ("shard","created_at");--> statement-breakpoint
ALTER TABLE "audit" ADD CONSTRAINT "audit_chain" UNIQUE("shard","sequence");