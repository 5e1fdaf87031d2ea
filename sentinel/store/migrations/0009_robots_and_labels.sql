CREATE TABLE robots (
    origin TEXT NOT NULL PRIMARY KEY,
    fetched_at TIMESTAMP NOT NULL,
    rules TEXT NOT NULL
);

CREATE TABLE label_queue (
    item_id TEXT NOT NULL PRIMARY KEY REFERENCES items (item_id),
    half TEXT NOT NULL,
    model_id TEXT NOT NULL,
    seed BIGINT NOT NULL,
    queued_at TIMESTAMP NOT NULL
);

CREATE TABLE labels (
    item_id TEXT NOT NULL REFERENCES label_queue (item_id),
    labeller TEXT NOT NULL,
    label TEXT NOT NULL,
    labelled_at TIMESTAMP NOT NULL,
    PRIMARY KEY (item_id, labeller)
);
