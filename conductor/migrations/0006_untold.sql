-- Withdrawn products of which the SDB has not heard yet: a start must find them, though their cells are at rest.

ALTER TABLE datum ADD COLUMN untold BIGINT NOT NULL DEFAULT 0;

CREATE INDEX datum_untold ON datum (obs_id) WHERE untold = 1;
