-- The conductor's memory. Columns are what is asked for by; `body` is the whole record as JSON, as the core
-- reads and writes it. Text, integers and plain upserts only, so that PostgreSQL takes the same tables.

CREATE TABLE observation (
    obs_id     TEXT   NOT NULL PRIMARY KEY,
    rev        BIGINT NOT NULL,
    burst_id   TEXT,
    first_at   TEXT   NOT NULL,
    changed_at TEXT   NOT NULL
);

-- Lists show what changed last first. Times have as many digits as they need: without the Z they sort.
CREATE INDEX observation_changed ON observation (rtrim(changed_at, 'Z'), obs_id);

CREATE TABLE cell (
    obs_id  TEXT   NOT NULL,
    product TEXT   NOT NULL,
    rev     BIGINT NOT NULL,
    state   TEXT   NOT NULL,
    since   TEXT   NOT NULL,
    body    TEXT   NOT NULL,
    PRIMARY KEY (obs_id, product)
);

-- What a start must load: whatever is unfinished, and nothing else.
CREATE INDEX cell_unfinished ON cell (state, obs_id)
    WHERE state IN ('grace', 'queued', 'requested', 'running', 'retrying');
CREATE INDEX cell_failed ON cell (obs_id) WHERE state = 'failed';

CREATE TABLE datum (
    obs_id   TEXT   NOT NULL,
    product  TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    source   TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (obs_id, product, revision)
);

CREATE TABLE run (
    run_id    TEXT NOT NULL PRIMARY KEY,
    obs_id    TEXT NOT NULL,
    product   TEXT NOT NULL,
    provider  TEXT NOT NULL,
    state     TEXT NOT NULL,
    queued_at TEXT NOT NULL,
    ended_at  TEXT,
    body      TEXT NOT NULL
);

CREATE INDEX run_of_cell ON run (obs_id, product);
CREATE INDEX run_newest ON run (rtrim(queued_at, 'Z'), run_id);
-- A run whose product came may still hold its slot.
CREATE INDEX run_open ON run (obs_id) WHERE state IN ('queued', 'requested', 'running', 'retrying');

-- What operators did, in order: the audit log.
CREATE TABLE act (
    n       INTEGER NOT NULL PRIMARY KEY,
    at      TEXT    NOT NULL,
    verb    TEXT    NOT NULL,
    target  TEXT    NOT NULL,
    asker   TEXT    NOT NULL,
    note    TEXT,
    outcome TEXT    NOT NULL
);

-- Messages that could not be decided about, with their bytes.
CREATE TABLE quarantine (
    stream_sequence BIGINT NOT NULL PRIMARY KEY,
    at              TEXT   NOT NULL,
    source          TEXT   NOT NULL,
    reason          TEXT   NOT NULL,
    body            BLOB   NOT NULL
);

-- Messages that were delivered often: how often a decision about them was begun and not stored.
CREATE TABLE suspect (
    stream_sequence BIGINT NOT NULL PRIMARY KEY,
    tries           BIGINT NOT NULL
);

-- How far the stream and the feeds were read.
CREATE TABLE position (
    name  TEXT   NOT NULL PRIMARY KEY,
    value TEXT   NOT NULL
);
