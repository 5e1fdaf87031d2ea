CREATE TABLE runs (
    run_id TEXT NOT NULL PRIMARY KEY,
    started TIMESTAMP NOT NULL,
    finished TIMESTAMP,
    outcome TEXT NOT NULL,
    n_feeds INTEGER NOT NULL,
    n_failed INTEGER NOT NULL,
    n_new INTEGER NOT NULL,
    n_scored INTEGER NOT NULL
);

CREATE TABLE items (
    item_id TEXT NOT NULL PRIMARY KEY,
    feed TEXT NOT NULL,
    guid TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    text TEXT NOT NULL,
    published TIMESTAMP,
    first_seen TIMESTAMP NOT NULL,
    last_seen TIMESTAMP NOT NULL
);

CREATE INDEX items_by_first_seen ON items (first_seen);

CREATE INDEX items_by_published ON items (published);

CREATE TABLE scores (
    item_id TEXT NOT NULL REFERENCES items (item_id),
    model_id TEXT NOT NULL,
    negative DOUBLE PRECISION NOT NULL,
    neutral DOUBLE PRECISION NOT NULL,
    positive DOUBLE PRECISION NOT NULL,
    scored_at TIMESTAMP NOT NULL,
    PRIMARY KEY (item_id, model_id)
);

CREATE TABLE feed_states (
    feed TEXT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    checked_at TIMESTAMP,
    succeeded_at TIMESTAMP,
    n_failures INTEGER NOT NULL,
    reason TEXT NOT NULL
);

CREATE TABLE feed_results (
    run_id TEXT NOT NULL,
    feed TEXT NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    n_items INTEGER NOT NULL,
    n_new INTEGER NOT NULL,
    n_skipped INTEGER NOT NULL,
    elapsed_s DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (run_id, feed)
);

CREATE INDEX feed_results_by_time ON feed_results (fetched_at);

CREATE TABLE daily_mood (
    day DATE NOT NULL,
    topic_kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    model_id TEXT NOT NULL,
    mood DOUBLE PRECISION,
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    change DOUBLE PRECISION,
    trend DOUBLE PRECISION,
    momentum DOUBLE PRECISION,
    z DOUBLE PRECISION,
    breadth DOUBLE PRECISION,
    dispersion DOUBLE PRECISION,
    n_items INTEGER NOT NULL,
    n_stories INTEGER NOT NULL,
    n_eff DOUBLE PRECISION NOT NULL,
    n_negative INTEGER NOT NULL,
    n_neutral INTEGER NOT NULL,
    n_positive INTEGER NOT NULL,
    usual_items DOUBLE PRECISION,
    PRIMARY KEY (day, topic_kind, topic, model_id)
);
