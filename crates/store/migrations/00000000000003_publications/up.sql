CREATE TABLE publications (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    school_year_id TEXT NOT NULL REFERENCES school_years (id),
    deposit_id TEXT NOT NULL REFERENCES deposits (id),
    author_id TEXT NOT NULL REFERENCES persons (id),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    language TEXT NOT NULL,
    stage TEXT NOT NULL,
    hold_reason TEXT,
    publish_at TIMESTAMP NOT NULL,
    until_at TIMESTAMP,
    pub_date TIMESTAMP,
    withdrawn_at TIMESTAMP,
    enclosure_id TEXT REFERENCES renditions (id),
    file_name TEXT,
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX publications_author ON publications (author_id, created_at);
CREATE INDEX publications_deposit ON publications (deposit_id);
CREATE INDEX publications_visible ON publications (school_id, stage, publish_at);
CREATE UNIQUE INDEX publications_file_name ON publications (school_year_id, file_name) WHERE file_name IS NOT NULL;

-- One table per list keeps its order; target_id is the empty string for 'public'.
CREATE TABLE publication_audiences (
    publication_id TEXT NOT NULL REFERENCES publications (id),
    kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    PRIMARY KEY (publication_id, kind, target_id)
);
CREATE INDEX publication_audiences_target ON publication_audiences (kind, target_id);

CREATE TABLE publication_tags (
    publication_id TEXT NOT NULL REFERENCES publications (id),
    tag TEXT NOT NULL,
    PRIMARY KEY (publication_id, tag)
);

CREATE TABLE publication_links (
    publication_id TEXT NOT NULL REFERENCES publications (id),
    position INTEGER NOT NULL,
    url TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (publication_id, position)
);

CREATE TABLE publication_companions (
    publication_id TEXT NOT NULL REFERENCES publications (id),
    position INTEGER NOT NULL,
    deposit_id TEXT NOT NULL REFERENCES deposits (id),
    PRIMARY KEY (publication_id, position)
);
CREATE INDEX publication_companions_deposit ON publication_companions (deposit_id);

CREATE TABLE feeds (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    kind TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    guid TEXT NOT NULL,
    revision BIGINT NOT NULL,
    revised_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (kind, scope_id)
);

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    holder_id TEXT NOT NULL REFERENCES persons (id),
    beneficiary_id TEXT NOT NULL REFERENCES persons (id),
    feed_id TEXT NOT NULL REFERENCES feeds (id),
    label TEXT NOT NULL,
    generation BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP,
    last_polled_at TIMESTAMP
);
CREATE INDEX subscriptions_beneficiary ON subscriptions (beneficiary_id);
CREATE INDEX subscriptions_holder ON subscriptions (holder_id);

-- Hashes of every generation stay, so that an old address answers 410 and never 404.
CREATE TABLE subscription_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    generation BIGINT NOT NULL
);
CREATE INDEX subscription_tokens_subscription ON subscription_tokens (subscription_id);

CREATE TABLE fetches (
    id TEXT PRIMARY KEY NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    subscription_id TEXT REFERENCES subscriptions (id),
    beneficiary_id TEXT NOT NULL REFERENCES persons (id),
    publication_id TEXT NOT NULL REFERENCES publications (id),
    kind TEXT NOT NULL,
    fetched_at TIMESTAMP NOT NULL
);
CREATE INDEX fetches_beneficiary ON fetches (beneficiary_id, fetched_at);
CREATE INDEX fetches_publication ON fetches (publication_id);
