-- The VPC that a service is in, null for none. No cascade: a VPC with services cannot be deleted, whoever tries.
ALTER TABLE services ADD COLUMN vpc_id TEXT REFERENCES vpcs (id);
CREATE INDEX services_vpc ON services (vpc_id);
