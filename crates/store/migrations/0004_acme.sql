-- Certificates from ACME servers.

CREATE TABLE acme_accounts (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    directory TEXT NOT NULL,
    -- JSON, a list of mail addresses.
    contact TEXT NOT NULL,
    -- The account's URL and key, sealed with the installation key.
    sealed_credentials TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT acme_accounts_directory UNIQUE (workspace_id, directory)
);

-- AcmeOrder as JSON, or null where somebody uploaded it. While it has not been issued, chain and key are empty and facts
-- are null as well.
ALTER TABLE certificates ADD COLUMN acme TEXT NOT NULL DEFAULT 'null';
-- No cascade: an account that is used cannot be deleted, whoever tries.
ALTER TABLE certificates ADD COLUMN acme_account_id TEXT REFERENCES acme_accounts (id);

-- Who does alone what several consoles could begin.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at BIGINT NOT NULL
);
