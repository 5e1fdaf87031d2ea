CREATE TABLE item_versions (
    item_id TEXT NOT NULL REFERENCES items (item_id),
    seen_at TIMESTAMP NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (item_id, seen_at)
);

ALTER TABLE items ADD COLUMN language TEXT NOT NULL DEFAULT '';

CREATE INDEX items_by_url ON items (feed, url);
