DROP TABLE deposit_words;
DROP TABLE lane_turns;
ALTER TABLE schools DROP COLUMN recipe;
ALTER TABLE jobs DROP COLUMN remaining_ms;
