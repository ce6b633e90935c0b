-- What operators found worth knowing: of an observation, a product, a provider, or what is in all that are named.

CREATE TABLE note (
    n        INTEGER NOT NULL PRIMARY KEY,
    at       TEXT    NOT NULL,
    asker    TEXT    NOT NULL,
    obs_id   TEXT,
    product  TEXT,
    provider TEXT,
    body     TEXT    NOT NULL
);

CREATE INDEX note_observation ON note (obs_id, n);
