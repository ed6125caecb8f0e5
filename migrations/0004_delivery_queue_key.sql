-- Written by hand: the first key's name is longer than PostgreSQL keeps, and the generator does not find it again.
ALTER TABLE "delivery_queue" DROP CONSTRAINT "delivery_queue_shard_endpoint_id_order_key_sequence_delivery_id";--> statement-breakpoint
ALTER TABLE "delivery_queue" ADD CONSTRAINT "delivery_queue_shard_order_key_sequence_delivery_id_pk" PRIMARY KEY("shard","order_key","sequence","delivery_id");
