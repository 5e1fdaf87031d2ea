ALTER TABLE feed_states DROP COLUMN next_check;

ALTER TABLE feed_states DROP COLUMN whole_at;

ALTER TABLE feed_states DROP COLUMN hints;

ALTER TABLE feed_states DROP COLUMN known_ids;

ALTER TABLE feed_states DROP COLUMN moved_to;

ALTER TABLE feed_states DROP COLUMN moved_at;

ALTER TABLE feed_states DROP COLUMN n_moves;

ALTER TABLE feed_states DROP COLUMN gone_at;

ALTER TABLE feed_states DROP COLUMN reservation;
