CREATE TABLE alerts (
    alert_id TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    figure DOUBLE PRECISION NOT NULL,
    headlines TEXT NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    cleared_at TIMESTAMP,
    clear_reason TEXT NOT NULL
);

CREATE INDEX alerts_by_raised_at ON alerts (raised_at);

CREATE INDEX alerts_by_cleared_at ON alerts (cleared_at);

CREATE TABLE alert_deliveries (
    alert_id TEXT NOT NULL REFERENCES alerts (alert_id),
    target TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    n_attempts INTEGER NOT NULL,
    tried_at TIMESTAMP,
    last_error TEXT NOT NULL,
    PRIMARY KEY (alert_id, target, event)
);

CREATE INDEX alert_deliveries_by_state ON alert_deliveries (state);
