CREATE INDEX "statements_with_gap" ON "statements" USING btree ("shard","connection_id") WHERE state = 'imported'
  and (adds_up is false or counts ?| array['new', 'missing', 'differs']);