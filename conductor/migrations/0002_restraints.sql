-- What operators want of providers: who paused or drains one, since when and why, as JSON; none since it was resumed.

CREATE TABLE restraint (
    provider TEXT NOT NULL PRIMARY KEY,
    body     TEXT
);
