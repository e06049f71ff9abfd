-- Machines that serve, and how others join.

CREATE TABLE hosts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    -- Null of the console's own host: engine_id, agent_id, the certificate's fingerprint, HostDoors as JSON.
    engine_id TEXT,
    agent_id TEXT,
    fingerprint TEXT,
    public TEXT,
    draining BIGINT NOT NULL DEFAULT 0,
    removed BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE UNIQUE INDEX hosts_fingerprint ON hosts (fingerprint);

-- One-time tokens; what was typed for the host is kept until it joins.
CREATE TABLE join_tokens (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
