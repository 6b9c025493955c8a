CREATE TABLE cuts (
    id TEXT PRIMARY KEY NOT NULL,
    deposit_id TEXT NOT NULL REFERENCES deposits (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    requested_by TEXT NOT NULL REFERENCES persons (id),
    wish TEXT NOT NULL,
    state TEXT NOT NULL,
    failure_code TEXT,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX cuts_deposit ON cuts (deposit_id, created_at);
CREATE INDEX cuts_waiting ON cuts (requested_by) WHERE state = 'waiting';

CREATE TABLE cut_parts (
    cut_id TEXT NOT NULL REFERENCES cuts (id),
    position INTEGER NOT NULL,
    deposit_id TEXT NOT NULL UNIQUE REFERENCES deposits (id),
    PRIMARY KEY (cut_id, position)
);
