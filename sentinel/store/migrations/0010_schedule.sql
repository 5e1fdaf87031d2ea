-- When an entry of the schedule last began, so that schedulers of one store, and one that is started again, know.
CREATE TABLE schedule_starts (
    entry TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL,
    started TIMESTAMP NOT NULL
);
