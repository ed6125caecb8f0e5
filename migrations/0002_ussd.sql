CREATE TABLE "ussd_hops" (
	"shard" smallint NOT NULL,
	"session" uuid NOT NULL,
	"typed" uuid NOT NULL,
	"hop" smallint NOT NULL,
	"input" text NOT NULL,
	"claimed_at" timestamp (3) with time zone NOT NULL,
	"answer" text,
	"answered_by" text,
	"latency_ms" integer,
	"warning" text,
	CONSTRAINT "ussd_hops_shard_session_typed_pk" PRIMARY KEY("shard","session","typed"),
	CONSTRAINT "ussd_hops_answered_by" CHECK ("ussd_hops"."answered_by" in ('menu', 'merchant', 'fallback'))
);
--> statement-breakpoint
CREATE TABLE "ussd_sessions" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"session_id" text NOT NULL,
	"phone" text,
	"service_code" text,
	"network_code" text,
	"state" text DEFAULT 'open' NOT NULL,
	"ended_by" text,
	"gateway" jsonb,
	"started_at" timestamp (3) with time zone NOT NULL,
	"last_hop_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "ussd_sessions_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "ussd_sessions_once" UNIQUE("shard","connection_id","session_id"),
	CONSTRAINT "ussd_sessions_state" CHECK ("ussd_sessions"."state" in ('open', 'ended'))
);
--> statement-breakpoint
CREATE TABLE "validation_claims" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"question" text NOT NULL,
	"transaction_id" uuid NOT NULL,
	"claimed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "validation_claims_shard_connection_id_question_pk" PRIMARY KEY("shard","connection_id","question"),
	CONSTRAINT "validation_claims_once" UNIQUE("shard","transaction_id")
);
--> statement-breakpoint
CREATE INDEX "ussd_sessions_by_merchant" ON "ussd_sessions" USING btree ("shard","merchant_id","id");--> statement-breakpoint
CREATE INDEX "ussd_sessions_open" ON "ussd_sessions" USING btree ("shard","last_hop_at") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "transactions_airtime_by_phone" ON "transactions" USING btree ("shard","connection_id","phone_hash","id") WHERE kind = 'airtime' and phone_hash is not null;