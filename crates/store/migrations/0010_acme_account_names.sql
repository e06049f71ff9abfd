-- What people call an account with an ACME server; empty: its server's host says it. Edits carry the revision that they saw.
ALTER TABLE acme_accounts ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE acme_accounts ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
