-- One schema for SQLite and PostgreSQL: TEXT, BIGINT, no database's own functions.
-- Times are microseconds since 1970 UTC. Booleans are 0 and 1. Lists that are only ever read and written whole
-- (a whitelist, a workload) are JSON in TEXT.
-- account_id and workspace_id stand on every row that belongs to a tenant.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('change', 0), ('audit', 0);

-- What changed, in the order of commits. The reconcilers of every console read from where they were.
CREATE TABLE changes (
    seq BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    -- Lower case; what is unique.
    name_key TEXT NOT NULL CONSTRAINT users_name_key UNIQUE,
    password_hash TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, workspace_id)
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    token_digest TEXT NOT NULL CONSTRAINT sessions_token UNIQUE,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Links that make a user: the first administrator's (created_by is null) and invitations.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    role TEXT NOT NULL,
    token_digest TEXT NOT NULL CONSTRAINT invitations_token UNIQUE,
    created_by TEXT REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE zones (
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    supported BIGINT NOT NULL
);

CREATE TABLE vpcs (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    blocks TEXT NOT NULL
);

CREATE TABLE vswitches (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    vpc_id TEXT NOT NULL REFERENCES vpcs (id),
    zone TEXT NOT NULL REFERENCES zones (id),
    name TEXT NOT NULL,
    block TEXT NOT NULL
);

CREATE TABLE gateways (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    -- GatewayKind as JSON; its tag is repeated for people who read the table.
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    internet_enabled BIGINT NOT NULL,
    whitelist TEXT NOT NULL,
    port BIGINT CONSTRAINT gateways_port UNIQUE,
    is_default BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT gateways_name UNIQUE (workspace_id, name_key)
);

CREATE TABLE services (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    -- No cascade: a gateway with services cannot be deleted, whoever tries.
    gateway_id TEXT NOT NULL REFERENCES gateways (id),
    workload TEXT NOT NULL,
    running BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT services_name UNIQUE (workspace_id, name)
);
CREATE INDEX services_gateway ON services (gateway_id);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    service_id TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    -- What a token is recognised by, and the token itself sealed with the installation key.
    digest TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX tokens_service ON tokens (service_id);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    -- Not a reference: an order outlives its gateway.
    gateway_id TEXT NOT NULL,
    spec TEXT NOT NULL,
    nodes BIGINT NOT NULL,
    charge TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    ordered_at BIGINT NOT NULL
);

-- Grants that let the control plane act for an account (the service-linked role).
CREATE TABLE role_grants (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    role TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, role)
);

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    -- JSON, null where there was or is nothing.
    before TEXT,
    after TEXT
);
CREATE INDEX audit_workspace ON audit (workspace_id, seq);
