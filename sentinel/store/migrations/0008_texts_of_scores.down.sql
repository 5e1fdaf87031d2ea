DROP INDEX scores_by_text;

ALTER TABLE scores DROP COLUMN text_hash;
