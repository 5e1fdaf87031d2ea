CREATE TABLE published_mood (
    day DATE NOT NULL,
    topic_kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    model_id TEXT NOT NULL,
    mood DOUBLE PRECISION,
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    n_items INTEGER NOT NULL,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (day, topic_kind, topic, model_id)
);
