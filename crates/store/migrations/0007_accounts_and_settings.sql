-- Several accounts, peers of linked VPCs, and what an operator sets for a gateway.

CREATE UNIQUE INDEX accounts_name ON accounts (name);

-- VPCs whose clients reach a gateway's addresses in the VPC that it is linked to.
CREATE TABLE gateway_vpc_peers (
    gateway_id TEXT NOT NULL,
    vpc_id TEXT NOT NULL,
    -- No cascade: a VPC that is somebody's peer cannot be deleted, whoever tries.
    peer_vpc_id TEXT NOT NULL REFERENCES vpcs (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    PRIMARY KEY (gateway_id, vpc_id, peer_vpc_id),
    FOREIGN KEY (gateway_id, vpc_id) REFERENCES gateway_vpcs (gateway_id, vpc_id) ON DELETE CASCADE
);
CREATE INDEX gateway_vpc_peers_peer ON gateway_vpc_peers (peer_vpc_id);

-- Labels as a JSON object.
ALTER TABLE gateways ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
-- Deleting it is refused.
ALTER TABLE gateways ADD COLUMN protected BIGINT NOT NULL DEFAULT 0;
-- TrafficSettings as JSON.
ALTER TABLE gateways ADD COLUMN traffic TEXT NOT NULL DEFAULT '{}';
