-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- What is signed of every node's journal, and who has seen it. Bytes: docs/spec/checkpoint.md.

-- Hashes of the tree, 256 to a row, level by level; only full tiles, so that none ever changes.
CREATE TABLE tile (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    -- of these hashes; it is this tile's hash in the tile above
    root bytea NOT NULL,
    PRIMARY KEY (level, index),
    CONSTRAINT tile_counts_from_zero CHECK (level >= 0 AND index >= 0),
    -- a tile that is not full is computed from what lies below it
    CONSTRAINT tile_is_full CHECK (octet_length(hashes) = 256 * 32),
    CONSTRAINT tile_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE tile IS 'ハッシュの板（木の中間値）';
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- What the signer has signed: one row a size, and when it last vouched for it.
CREATE TABLE checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    note bytea NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT checkpoint_size_counts_from_zero CHECK (size >= 0),
    CONSTRAINT checkpoint_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE checkpoint IS '署名済みの到達点';

-- Lines by which witnesses confirm a checkpoint.
CREATE TABLE cosignature (
    size bigint NOT NULL,
    witness text NOT NULL,
    line bytea NOT NULL,
    cosigned_at timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);
CREATE INDEX cosignature_of_witness ON cosignature (witness, size);
COMMENT ON TABLE cosignature IS '立会署名';

-- What this node has cosigned last for each other log: it never cosigns anything that does not extend it.
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

-- What each witness says that it has cosigned last for this node; the signer does not sign below it.
CREATE TABLE testimony (
    witness text PRIMARY KEY,
    size bigint NOT NULL,
    note bytea,
    heard_at timestamptz NOT NULL,
    -- a witness that has never cosigned anything has no checkpoint to show
    CONSTRAINT testimony_has_its_note CHECK ((size = 0) OR (note IS NOT NULL))
);
COMMENT ON TABLE testimony IS '立会人の証言（自機関の記録簿）';

-- The signer reads leaves, never what they commit to; nobody takes back what is signed, and only the signer adds to it.
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
