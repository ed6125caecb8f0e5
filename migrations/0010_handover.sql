ALTER TABLE "deliveries" ADD COLUMN "first_started_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "first_latency_ms" integer;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "first_status" smallint;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "first_answer" text;--> statement-breakpoint
ALTER TABLE "deliveries" SET (fillfactor = 75);
