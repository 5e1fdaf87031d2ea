-- What the news is for one name of a headline with several.
CREATE TABLE name_scores (
    item_id TEXT NOT NULL REFERENCES items (item_id),
    name TEXT NOT NULL,
    model_id TEXT NOT NULL,
    negative DOUBLE PRECISION NOT NULL,
    neutral DOUBLE PRECISION NOT NULL,
    positive DOUBLE PRECISION NOT NULL,
    scored_at TIMESTAMP NOT NULL,
    PRIMARY KEY (item_id, name, model_id)
);
