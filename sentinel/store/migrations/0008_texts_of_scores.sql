-- Older scores keep '': their texts are scored once more when they come again, and adding the column costs nothing.
ALTER TABLE scores ADD COLUMN text_hash TEXT NOT NULL DEFAULT '';

CREATE INDEX scores_by_text ON scores (text_hash, model_id) WHERE text_hash <> '';
