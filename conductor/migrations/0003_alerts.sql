-- What called for a human: one row per time that it stood; `body` is the whole record as JSON.
CREATE TABLE alert (
    fingerprint TEXT NOT NULL,
    since       TEXT NOT NULL,
    cleared_at  TEXT,
    body        TEXT NOT NULL,
    PRIMARY KEY (fingerprint, since)
);

CREATE INDEX alert_open ON alert (fingerprint) WHERE cleared_at IS NULL;
CREATE INDEX alert_cleared ON alert (rtrim(cleared_at, 'Z')) WHERE cleared_at IS NOT NULL;

-- Cells that failed, or are tried again since and not made yet, with the fingerprint of the cause.
CREATE TABLE failure (
    obs_id      TEXT NOT NULL,
    product     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (obs_id, product)
);

-- Who has seen what, until when that counts.
CREATE TABLE acknowledgement (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    at          TEXT NOT NULL,
    asker       TEXT NOT NULL,
    note        TEXT,
    until       TEXT NOT NULL
);

-- What is still to be told, by whom, in order.
CREATE TABLE notice (
    n      INTEGER NOT NULL PRIMARY KEY,
    bell   TEXT    NOT NULL,
    body   TEXT    NOT NULL
);

CREATE INDEX notice_of_bell ON notice (bell, n);

-- What waits for an input or for an operator is looked at after a start, too, and stands in the report.
CREATE INDEX cell_waiting ON cell (product, obs_id) WHERE state = 'waiting';
CREATE INDEX cell_held ON cell (obs_id) WHERE state = 'held';
