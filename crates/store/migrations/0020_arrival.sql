-- What a gateway does with who arrives: ArrivalSettings as JSON.

ALTER TABLE gateways ADD COLUMN arrival TEXT NOT NULL DEFAULT '{}';
