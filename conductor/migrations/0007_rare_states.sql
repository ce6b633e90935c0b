-- Runs are looked for by their state: nearly all have succeeded, the others are few. This serves also what
-- `run_open` did.

CREATE INDEX run_not_made ON run (state, rtrim(queued_at, 'Z'), run_id, obs_id) WHERE state <> 'succeeded';
DROP INDEX run_open;

-- What was put aside is rare, and looked for.
CREATE INDEX cell_quarantined ON cell (obs_id) WHERE state = 'quarantined';
