-- Several services behind one name. A group is deleted with its last service.
CREATE TABLE service_groups (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    gateway_id TEXT NOT NULL REFERENCES gateways (id),
    weights TEXT NOT NULL,
    -- What opens it, as JSON: digests, and the tokens themselves sealed with the installation key.
    tokens TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT service_groups_name UNIQUE (workspace_id, name)
);
CREATE INDEX service_groups_gateway ON service_groups (gateway_id);

-- The service's place in a group as JSON, null for none.
ALTER TABLE services ADD COLUMN group_id TEXT REFERENCES service_groups (id);
ALTER TABLE services ADD COLUMN place TEXT;
CREATE INDEX services_group ON services (group_id);
