-- What an operator holds, whatever state it shows: what is done, or cannot be made yet, is held for what comes.

ALTER TABLE cell ADD COLUMN held BIGINT NOT NULL DEFAULT 0;

UPDATE cell SET held = 1 WHERE body ->> '$.held' IS NOT NULL;

CREATE INDEX cell_held_by_operator ON cell (obs_id) WHERE held = 1;
