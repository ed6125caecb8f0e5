CREATE TABLE "balance_gaps" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"balance_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"previous_at" timestamp (3) with time zone NOT NULL,
	"expected" bigint NOT NULL,
	"found" bigint NOT NULL,
	"currency" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "balance_gaps_shard_connection_id_balance_id_pk" PRIMARY KEY("shard","connection_id","balance_id")
);
--> statement-breakpoint
CREATE TABLE "balances" (
	"shard" smallint NOT NULL,
	"connection_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"change" bigint,
	"learnt_at" timestamp (3) with time zone NOT NULL,
	"checked" boolean DEFAULT false NOT NULL,
	CONSTRAINT "balances_shard_connection_id_id_pk" PRIMARY KEY("shard","connection_id","id")
);
--> statement-breakpoint
CREATE TABLE "lookups" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"receipt" text NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"conversation" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"answered_at" timestamp (3) with time zone,
	CONSTRAINT "lookups_shard_id_pk" PRIMARY KEY("shard","id")
);
--> statement-breakpoint
CREATE TABLE "statement_lines" (
	"shard" smallint NOT NULL,
	"statement_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"line" integer,
	"verdict" text NOT NULL,
	"receipt" text,
	"completed_at" timestamp (3) with time zone,
	"amount" bigint,
	"currency" text,
	"balance" bigint,
	"transaction_id" uuid,
	"own_transaction_id" uuid,
	"reverses" text,
	"problem" text,
	"key" uuid,
	CONSTRAINT "statement_lines_shard_statement_id_seq_pk" PRIMARY KEY("shard","statement_id","seq")
);
--> statement-breakpoint
CREATE TABLE "statement_parts" (
	"shard" smallint NOT NULL,
	"statement_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "statement_parts_shard_statement_id_part_pk" PRIMARY KEY("shard","statement_id","part")
);
--> statement-breakpoint
CREATE TABLE "statements" (
	"shard" smallint NOT NULL,
	"id" uuid NOT NULL,
	"merchant_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"digest" "bytea" NOT NULL,
	"bytes" integer NOT NULL,
	"columns" jsonb,
	"state" text NOT NULL,
	"problems" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"period_from" timestamp (3) with time zone,
	"period_to" timestamp (3) with time zone,
	"opening_balance" bigint,
	"closing_balance" bigint,
	"paid_in" bigint,
	"withdrawn" bigint,
	"currency" text,
	"adds_up" boolean,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"settled_rows" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "statements_shard_id_pk" PRIMARY KEY("shard","id"),
	CONSTRAINT "statements_file" UNIQUE("shard","connection_id","digest"),
	CONSTRAINT "statements_state" CHECK ("statements"."state" in ('importing', 'imported', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "transaction_fees" (
	"shard" smallint NOT NULL,
	"transaction_id" uuid NOT NULL,
	"key" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"currency" text NOT NULL,
	CONSTRAINT "transaction_fees_shard_transaction_id_key_pk" PRIMARY KEY("shard","transaction_id","key")
);
--> statement-breakpoint
CREATE INDEX "balance_gaps_open" ON "balance_gaps" USING btree ("shard","connection_id","at") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "balances_by_time" ON "balances" USING btree ("shard","connection_id","at");--> statement-breakpoint
CREATE INDEX "balances_unchecked" ON "balances" USING btree ("shard","learnt_at") WHERE not checked;--> statement-breakpoint
CREATE INDEX "lookups_asking" ON "lookups" USING btree ("shard","connection_id","receipt") WHERE state = 'asking';--> statement-breakpoint
CREATE INDEX "statement_lines_by_verdict" ON "statement_lines" USING btree ("shard","statement_id","verdict","seq");--> statement-breakpoint
CREATE INDEX "statement_lines_by_receipt" ON "statement_lines" USING btree ("shard","statement_id","receipt");--> statement-breakpoint
CREATE INDEX "statement_lines_by_transaction" ON "statement_lines" USING btree ("shard","statement_id","own_transaction_id");--> statement-breakpoint
CREATE INDEX "statements_due" ON "statements" USING btree ("shard","due_at") WHERE state = 'importing';--> statement-breakpoint
CREATE INDEX "statements_by_connection" ON "statements" USING btree ("shard","connection_id","period_to");--> statement-breakpoint
CREATE INDEX "transactions_by_time" ON "transactions" USING btree ("shard",coalesce(occurred_at, created_at),"connection_id") WHERE merged_into is null;