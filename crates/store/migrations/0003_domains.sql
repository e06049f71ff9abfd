-- Certificates, and gateways' own domain names.

-- TlsSettings as JSON.
ALTER TABLE gateways ADD COLUMN tls TEXT NOT NULL DEFAULT '{}';

CREATE TABLE certificates (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    -- PEM. The key is sealed with the installation key.
    chain TEXT NOT NULL,
    sealed_key TEXT NOT NULL,
    -- CertificateFacts as JSON: what the chain says of itself.
    facts TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT certificates_name UNIQUE (workspace_id, name_key)
);

CREATE TABLE domains (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    gateway_id TEXT NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    -- Lower case, ASCII; `*.` in front for any one label.
    host TEXT NOT NULL,
    side TEXT NOT NULL,
    -- No cascade: a certificate that is used cannot be deleted, whoever tries.
    certificate_id TEXT REFERENCES certificates (id),
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT domains_host UNIQUE (host, side)
);
CREATE INDEX domains_gateway ON domains (gateway_id);
CREATE INDEX domains_certificate ON domains (certificate_id);
