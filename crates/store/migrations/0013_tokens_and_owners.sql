-- Several tokens of a service: what each is for, the revision that an edit has to have seen, and when it was used last,
-- which is written now and then only.
ALTER TABLE tokens ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE tokens ADD COLUMN last_used_at BIGINT;
-- Name of who deployed it; the audit knows it of services from before.
ALTER TABLE services ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE services SET owner = COALESCE((
    SELECT MAX(users.name) FROM audit JOIN users ON users.id = audit.actor
    WHERE audit.action = 'service.deploy' AND audit.object_id = services.id
), '');
