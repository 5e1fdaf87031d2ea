CREATE TABLE robots (
    origin TEXT NOT NULL PRIMARY KEY,
    fetched_at TIMESTAMP NOT NULL,
    rules TEXT NOT NULL
);
