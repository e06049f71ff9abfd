-- Prices, what ran, what was counted. Nothing here refers to gateways: what one cost outlives it.

INSERT INTO counters (name, value) VALUES ('price_list', 0), ('span', 0);

-- Never changed: another price is another row.
CREATE TABLE price_lists (
    number BIGINT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    valid_from BIGINT NOT NULL,
    -- Tariff to millionths, JSON.
    prices TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL
);

-- Whose a gateway is or was, and its last name.
CREATE TABLE billed_gateways (
    gateway_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL
);
CREATE INDEX billed_gateways_workspace ON billed_gateways (workspace_id);

-- What costs by time, from when to when; until_at is null while it goes on.
CREATE TABLE spans (
    number BIGINT PRIMARY KEY,
    gateway_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    item TEXT NOT NULL,
    detail TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT
);
CREATE INDEX spans_gateway ON spans (gateway_id, until_at);
CREATE INDEX spans_workspace ON spans (workspace_id, from_at);

-- Whether a subscription goes on by itself.
CREATE TABLE renewals (
    gateway_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id)
);

CREATE TABLE subscription_periods (
    gateway_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    anchor BIGINT NOT NULL,
    number BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (gateway_id, from_at)
);
CREATE INDEX subscription_periods_workspace ON subscription_periods (workspace_id, from_at);

-- What was counted in an hour, or in its part since other prices hold.
CREATE TABLE usage_hours (
    gateway_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    item TEXT NOT NULL,
    detail TEXT NOT NULL,
    since BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (gateway_id, item, detail, since)
);
CREATE INDEX usage_hours_workspace ON usage_hours (workspace_id, since);

-- How far an engine's totals since its start are in usage_hours.
CREATE TABLE meters (
    engine_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    gateway_id TEXT NOT NULL,
    -- A VPC; empty for the public side.
    side TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (engine_id, started_at, gateway_id, side)
);
CREATE INDEX orders_workspace ON orders (workspace_id, ordered_at);
CREATE INDEX orders_gateway ON orders (gateway_id, ordered_at);
