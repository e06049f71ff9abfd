-- Networks can be edited, and gateways are reached from inside VPCs.

ALTER TABLE vpcs ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE vswitches ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- A gateway's link to a VPC; written whole with its gateway, under the gateway's revision.
CREATE TABLE gateway_vpcs (
    gateway_id TEXT NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    -- No cascade: a VPC that is linked cannot be deleted, whoever tries.
    vpc_id TEXT NOT NULL REFERENCES vpcs (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    whitelist TEXT NOT NULL,
    authoritative_dns BIGINT NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (gateway_id, vpc_id)
);
CREATE INDEX gateway_vpcs_vpc ON gateway_vpcs (vpc_id);

-- Where it listens.
CREATE TABLE gateway_vswitches (
    gateway_id TEXT NOT NULL,
    vpc_id TEXT NOT NULL,
    vswitch_id TEXT NOT NULL REFERENCES vswitches (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    address TEXT NOT NULL,
    PRIMARY KEY (gateway_id, vswitch_id),
    FOREIGN KEY (gateway_id, vpc_id) REFERENCES gateway_vpcs (gateway_id, vpc_id) ON DELETE CASCADE
);
CREATE INDEX gateway_vswitches_vswitch ON gateway_vswitches (vswitch_id);

-- A VPC that another account's gateways may link.
CREATE TABLE vpc_grants (
    vpc_id TEXT NOT NULL REFERENCES vpcs (id) ON DELETE CASCADE,
    -- Who may link it.
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    granted_by TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (vpc_id, account_id)
);
