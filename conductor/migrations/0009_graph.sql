-- The graphs that were in force, the newest with the highest number: as they were written, who put each there (as
-- JSON; none if it was the file's), and the checksum of the file of `--graph` at that time. The last few are kept.

CREATE TABLE graph (
    n           INTEGER NOT NULL PRIMARY KEY,
    at          TEXT    NOT NULL,
    sha256      TEXT    NOT NULL,
    file_sha256 TEXT    NOT NULL,
    signature   TEXT,
    body        TEXT    NOT NULL
);
