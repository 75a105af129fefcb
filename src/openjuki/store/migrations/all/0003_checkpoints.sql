-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE tile (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    root bytea NOT NULL,
    PRIMARY KEY (level, index),
    CONSTRAINT tile_counts_from_zero CHECK (level >= 0 AND index >= 0),
    CONSTRAINT tile_is_full CHECK (octet_length(hashes) = 256 * 32),
    CONSTRAINT tile_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE tile IS 'ハッシュの板（木の中間値）';
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    note bytea NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT checkpoint_size_counts_from_zero CHECK (size >= 0),
    CONSTRAINT checkpoint_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE checkpoint IS '署名済みの到達点';

CREATE TABLE cosignature (
    size bigint NOT NULL,
    witness text NOT NULL,
    line bytea NOT NULL,
    cosigned_at timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);
CREATE INDEX cosignature_of_witness ON cosignature (witness, size);
COMMENT ON TABLE cosignature IS '立会署名';

CREATE TABLE witnessed (
    origin text PRIMARY KEY,
    size bigint NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    cosigned_at timestamptz NOT NULL,
    CONSTRAINT witnessed_size_counts_from_zero CHECK (size >= 0),
    CONSTRAINT witnessed_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE witnessed IS '立会の控え（他機関の記録簿）';

CREATE TABLE testimony (
    witness text PRIMARY KEY,
    size bigint NOT NULL,
    note bytea,
    heard_at timestamptz NOT NULL,
    CONSTRAINT testimony_has_its_note CHECK ((size = 0) OR (note IS NOT NULL))
);
COMMENT ON TABLE testimony IS '立会人の証言（自機関の記録簿）';

GRANT SELECT ON tree TO juki_signer;
GRANT SELECT (index, leaf) ON journal TO juki_signer;
GRANT SELECT, INSERT ON tile TO juki_signer;
GRANT SELECT, INSERT, UPDATE (note, signed_at) ON checkpoint TO juki_signer;
GRANT SELECT ON testimony TO juki_signer;
GRANT INSERT ON alarm TO juki_signer;
GRANT SELECT ON tile, checkpoint TO juki_worker;
GRANT SELECT, INSERT, UPDATE (line, cosigned_at) ON cosignature TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON witnessed TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON testimony TO juki_worker;
