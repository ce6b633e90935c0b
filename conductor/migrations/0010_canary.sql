-- The canary's one row: the number of its last round, and who sends it until when. Its observation has no rows.

CREATE TABLE canary (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    round    BIGINT NOT NULL,
    holder   TEXT NOT NULL,
    until    BIGINT NOT NULL           -- milliseconds since 1970, UTC
);
