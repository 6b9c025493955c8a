CREATE TABLE deposits (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    school_year_id TEXT NOT NULL REFERENCES school_years (id),
    owner_id TEXT NOT NULL REFERENCES persons (id),
    purpose TEXT NOT NULL,
    original_name TEXT NOT NULL,
    family TEXT,
    media_type TEXT,
    state TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT,
    failure_code TEXT,
    derived_from TEXT REFERENCES deposits (id),
    created_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP,
    ready_at TIMESTAMP
);
CREATE INDEX deposits_owner ON deposits (owner_id, created_at);

-- reserved_bytes counts against the owner's quota: the declared length, or what has arrived.
CREATE TABLE uploads (
    deposit_id TEXT PRIMARY KEY NOT NULL REFERENCES deposits (id),
    owner_id TEXT NOT NULL REFERENCES persons (id),
    length BIGINT,
    received BIGINT NOT NULL,
    reserved_bytes BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    writer TEXT,
    writer_until TIMESTAMP,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX uploads_expiry ON uploads (expires_at);
CREATE INDEX uploads_owner ON uploads (owner_id);

CREATE TABLE upload_segments (
    deposit_id TEXT NOT NULL REFERENCES uploads (deposit_id),
    start_byte BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    object_key TEXT NOT NULL,
    PRIMARY KEY (deposit_id, start_byte)
);

CREATE TABLE renditions (
    id TEXT PRIMARY KEY NOT NULL,
    deposit_id TEXT NOT NULL REFERENCES deposits (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    kind TEXT NOT NULL,
    recipe TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    duration_ms BIGINT,
    width INTEGER,
    height INTEGER,
    pages INTEGER,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (deposit_id, recipe, kind)
);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    lane TEXT NOT NULL,
    school_id TEXT,
    deposit_id TEXT,
    task TEXT NOT NULL,
    unique_key TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    run_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    lease TEXT,
    leased_until TIMESTAMP,
    last_error TEXT,
    progress_permille INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX jobs_claimable ON jobs (lane, priority, run_at, id) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX jobs_unique_active ON jobs (unique_key) WHERE state IN ('queued', 'running');
-- Few rows at any time: what runs now, counted per school at each claim.
CREATE INDEX jobs_running ON jobs (lane, school_id) WHERE state = 'running';
CREATE INDEX jobs_deposit ON jobs (deposit_id);
