ALTER TABLE "events" ALTER COLUMN "created_at" SET DEFAULT clock_timestamp();--> statement-breakpoint
CREATE INDEX "events_by_time" ON "events" USING btree ("shard","merchant_id","created_at");