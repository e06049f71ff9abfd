-- What a service's version says is sealed with the installation key: environments and registries have secrets. A text
-- from before starts with `{`, and is sealed with its next write.
ALTER TABLE services ADD COLUMN spec TEXT NOT NULL DEFAULT '';
ALTER TABLE services ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE services ADD COLUMN replicas BIGINT NOT NULL DEFAULT 1;
ALTER TABLE services ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
ALTER TABLE services ADD COLUMN scaling TEXT;
UPDATE services SET spec = '{"workload":' || workload || '}', replicas = json_extract(workload, '$.replicas');
ALTER TABLE services DROP COLUMN workload;
