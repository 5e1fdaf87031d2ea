CREATE TABLE stories (
    item_id TEXT NOT NULL PRIMARY KEY REFERENCES items (item_id),
    story_id TEXT NOT NULL REFERENCES items (item_id),
    joined_at TIMESTAMP NOT NULL
);

CREATE INDEX stories_by_story ON stories (story_id);

CREATE INDEX stories_by_joined_at ON stories (joined_at);
