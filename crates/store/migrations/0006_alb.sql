-- ALB instances: there while their gateway has an access; written whole with it, under its revision.

CREATE TABLE albs (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL CONSTRAINT albs_gateway UNIQUE REFERENCES gateways (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    -- Of its public access, null while it has none. No cascade: a VPC that is used cannot be deleted, whoever tries.
    public_vpc_id TEXT REFERENCES vpcs (id),
    created_at BIGINT NOT NULL
);

-- Where its public access was put.
CREATE TABLE alb_vswitches (
    alb_id TEXT NOT NULL REFERENCES albs (id) ON DELETE CASCADE,
    vswitch_id TEXT NOT NULL REFERENCES vswitches (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    PRIMARY KEY (alb_id, vswitch_id)
);
CREATE INDEX alb_vswitches_vswitch ON alb_vswitches (vswitch_id);
