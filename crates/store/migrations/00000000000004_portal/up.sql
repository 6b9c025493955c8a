CREATE TABLE assignments (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    school_year_id TEXT NOT NULL REFERENCES school_years (id),
    author_id TEXT NOT NULL REFERENCES persons (id),
    title TEXT NOT NULL,
    instructions TEXT NOT NULL,
    model_id TEXT REFERENCES publications (id),
    opens_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    closes_at TIMESTAMP,
    accepts TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP
);
CREATE INDEX assignments_author ON assignments (author_id, created_at);

CREATE TABLE assignment_audiences (
    assignment_id TEXT NOT NULL REFERENCES assignments (id),
    kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    PRIMARY KEY (assignment_id, kind, target_id)
);
CREATE INDEX assignment_audiences_target ON assignment_audiences (kind, target_id);

CREATE TABLE submissions (
    id TEXT PRIMARY KEY NOT NULL,
    assignment_id TEXT NOT NULL REFERENCES assignments (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    pupil_id TEXT NOT NULL REFERENCES persons (id),
    deposit_id TEXT NOT NULL UNIQUE REFERENCES deposits (id),
    submitted_by TEXT NOT NULL REFERENCES persons (id),
    submitted_at TIMESTAMP NOT NULL,
    replaced_at TIMESTAMP,
    heard_at TIMESTAMP
);
CREATE INDEX submissions_assignment ON submissions (assignment_id, pupil_id);
CREATE UNIQUE INDEX submissions_current ON submissions (assignment_id, pupil_id) WHERE replaced_at IS NULL;

CREATE TABLE events (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    actor_id TEXT,
    at TIMESTAMP NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX events_school ON events (school_id, at);

CREATE TABLE audit_entries (
    id TEXT PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor_id TEXT,
    on_behalf_of TEXT,
    verb TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    school_id TEXT
);
CREATE INDEX audit_entries_at ON audit_entries (at);
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id);

CREATE TABLE school_modules (
    school_id TEXT NOT NULL REFERENCES schools (id),
    module TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    settings TEXT NOT NULL,
    PRIMARY KEY (school_id, module)
);

CREATE TABLE notices (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    module TEXT NOT NULL,
    event_id TEXT NOT NULL REFERENCES events (id),
    recipient_id TEXT NOT NULL REFERENCES persons (id),
    channel TEXT NOT NULL,
    topic TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    read_at TIMESTAMP,
    UNIQUE (event_id, module, recipient_id, channel)
);
CREATE INDEX notices_recipient ON notices (recipient_id, channel, due_at);

CREATE TABLE calendar_addresses (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    generation BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE UNIQUE INDEX calendar_addresses_current ON calendar_addresses (person_id) WHERE revoked_at IS NULL;

CREATE TABLE calendar_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    calendar_id TEXT NOT NULL REFERENCES calendar_addresses (id),
    generation BIGINT NOT NULL
);
