-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- The systems that ask at a node by themselves, and what they show to be known.
-- Nothing here is deleted, and no id is given twice: the journal names systems and credentials by id for years.

-- A program of an office that asks without an operator, from one moment until another.
CREATE TABLE system (
    id text COLLATE "C" PRIMARY KEY,
    office text COLLATE "C" NOT NULL REFERENCES office,
    name text NOT NULL,
    since timestamptz NOT NULL,
    CONSTRAINT system_id_is_plain CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT system_has_a_name CHECK (name <> '')
);
COMMENT ON TABLE system IS '接続システム';

-- What a system shows to be known: 256 random bits that are shown once, and of which only the digest stays.
-- While one is exchanged for another, both are good.
CREATE TABLE credential (
    id text COLLATE "C" PRIMARY KEY,
    system text COLLATE "C" NOT NULL REFERENCES system,
    digest bytea NOT NULL UNIQUE,
    since timestamptz NOT NULL,
    until timestamptz,
    CONSTRAINT credential_id_is_plain CHECK (id ~ '^[0-9a-f]{12}$'),
    CONSTRAINT credential_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT credential_ends_after_beginning CHECK (until >= since)
);
CREATE INDEX credential_by_system ON credential (system);
COMMENT ON TABLE credential IS '資格情報';
COMMENT ON COLUMN credential.digest IS '資格情報の SHA-256（資格情報そのものは保存しない）';
COMMENT ON COLUMN credential.until IS '使えなくなる時（この時を含まない）';

GRANT SELECT, INSERT ON system, credential TO juki_worker;
GRANT UPDATE (until) ON credential TO juki_worker;
