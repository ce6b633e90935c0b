-- How long the last successes of each product at each provider took: a JSON array of milliseconds, the newest last,
-- bounded by the conductor. One row per pair, however many observations there were.

CREATE TABLE duration (
    product  TEXT NOT NULL,
    provider TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (product, provider)
);
