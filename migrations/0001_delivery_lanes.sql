DROP INDEX "delivery_queue_due";--> statement-breakpoint
ALTER TABLE "delivery_queue" ADD COLUMN "lane" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "paced_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "delivery_queue_due" ON "delivery_queue" USING btree ("shard","endpoint_id","lane","due_at");--> statement-breakpoint
ALTER TABLE "delivery_queue" ADD CONSTRAINT "delivery_queue_lane" CHECK ("delivery_queue"."lane" in (0, 1, 2));