-- Versions of services, the rollout that leads to the one that is wanted, and what happened.

ALTER TABLE services ADD COLUMN replica_version BIGINT NOT NULL DEFAULT 1;
-- JSON; null before there was any.
ALTER TABLE services ADD COLUMN rollout TEXT;

-- Unchangeable. What a version says is sealed like a service's spec.
CREATE TABLE service_versions (
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    replica_version BIGINT NOT NULL,
    spec TEXT NOT NULL,
    why TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (service_id, number)
);

CREATE TABLE service_events (
    seq BIGINT PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    first_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- Empty where it is no replica's.
    replica TEXT NOT NULL,
    detail TEXT
);
CREATE INDEX service_events_service ON service_events (service_id, seq);
INSERT INTO counters (name, value) VALUES ('service_event', 0);
