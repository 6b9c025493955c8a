ALTER TABLE jobs ADD COLUMN remaining_ms BIGINT;

-- NULL: the recipe every school starts with.
ALTER TABLE schools ADD COLUMN recipe TEXT;

-- Whose turn it is: when each school was last given a slot of a lane.
CREATE TABLE lane_turns (
    lane TEXT NOT NULL,
    school_id TEXT NOT NULL,
    served_at TIMESTAMP NOT NULL,
    PRIMARY KEY (lane, school_id)
);

-- The words of a document, lower case without accents, for search.
CREATE TABLE deposit_words (
    deposit_id TEXT PRIMARY KEY NOT NULL REFERENCES deposits (id),
    words TEXT NOT NULL
);
