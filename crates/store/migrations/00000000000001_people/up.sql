-- One dialect for both engines: TEXT ids and JSON, BIGINT numbers, TIMESTAMP in UTC. See crates/store/src/lib.rs.
CREATE TABLE schools (
    id TEXT PRIMARY KEY NOT NULL,
    uai TEXT UNIQUE,
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    timezone TEXT NOT NULL,
    accent TEXT,
    teacher_quota_bytes BIGINT NOT NULL,
    pupil_quota_bytes BIGINT NOT NULL
);

CREATE TABLE school_years (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    label TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    UNIQUE (school_id, label)
);

CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    school_year_id TEXT NOT NULL REFERENCES school_years (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    year_level TEXT,
    UNIQUE (school_year_id, name)
);

CREATE TABLE persons (
    id TEXT PRIMARY KEY NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    email TEXT,
    locale TEXT,
    quota_bytes BIGINT,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE identities (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    secret_hash TEXT,
    UNIQUE (provider, subject)
);
CREATE INDEX identities_person ON identities (person_id);

CREATE TABLE memberships (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    school_year_id TEXT REFERENCES school_years (id),
    role TEXT NOT NULL,
    group_id TEXT REFERENCES groups (id),
    subject TEXT,
    valid_from TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    delegated_by TEXT REFERENCES persons (id)
);
CREATE INDEX memberships_person ON memberships (person_id);
CREATE INDEX memberships_group ON memberships (group_id, role);
CREATE INDEX memberships_school ON memberships (school_id, role);

CREATE TABLE guardianships (
    guardian_id TEXT NOT NULL REFERENCES persons (id),
    pupil_id TEXT NOT NULL REFERENCES persons (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    PRIMARY KEY (guardian_id, pupil_id)
);
CREATE INDEX guardianships_pupil ON guardianships (pupil_id);

-- id_hash is SHA-256 of the cookie's value: a stolen database opens no session.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    id_hash TEXT NOT NULL UNIQUE,
    person_id TEXT NOT NULL REFERENCES persons (id),
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    token_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);

-- key is a hash of (login) or of (address): what is counted, never who.
CREATE TABLE sign_in_failures (
    key TEXT PRIMARY KEY NOT NULL,
    failures INTEGER NOT NULL,
    blocked_until TIMESTAMP,
    updated_at TIMESTAMP NOT NULL
);
