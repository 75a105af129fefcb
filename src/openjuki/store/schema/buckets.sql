-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Under which code a person was told about, in which part of a bulk provision and in which row (提供の記録の索引). It is made
-- of the parts and can be made again of them; what it says is signed all the same.

-- Whether the index has taken a part in; until then it is looked through itself.
ALTER TABLE provision_part ADD COLUMN indexed boolean NOT NULL DEFAULT false;
CREATE INDEX provision_part_waits ON provision_part (part) WHERE NOT indexed;
COMMENT ON COLUMN provision_part.indexed IS '索引に取り込み済みか';

-- Parts that were taken in together, or runs that were merged: buckets in order of code. It is looked through once it is
-- complete; one that is being merged grows range by range of codes beside those that it will replace.
CREATE TABLE provision_run (
    run bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entries bigint NOT NULL,
    complete boolean NOT NULL,
    merged_before bigint NOT NULL DEFAULT 0,
    -- the run that is to replace this one
    merged_into bigint,
    at timestamptz NOT NULL,
    commitment bytea,
    manifest bytea,
    salt bytea,
    CONSTRAINT provision_run_counts_from_zero CHECK (entries >= 0),
    -- what is complete is vouched for
    CONSTRAINT provision_run_is_vouched_for
        CHECK (complete = (num_nonnulls(commitment, manifest, salt) = 3)),
    CONSTRAINT provision_run_commitment_is_sha256 CHECK (octet_length(commitment) = 32),
    CONSTRAINT provision_run_salt_is_256_bits CHECK (octet_length(salt) = 32)
);
-- there is one merger at a time
CREATE UNIQUE INDEX provision_run_merging ON provision_run (complete) WHERE NOT complete;
COMMENT ON TABLE provision_run IS '提供の記録の索引';
COMMENT ON COLUMN provision_run.entries IS '項目の数';
COMMENT ON COLUMN provision_run.complete IS '完成しているか';
COMMENT ON COLUMN provision_run.merged_before IS 'この住民票コードの手前まで併合済み';
COMMENT ON COLUMN provision_run.merged_into IS '併合先の索引';
COMMENT ON COLUMN provision_run.commitment IS '記録簿の行のコミットメント';
COMMENT ON COLUMN provision_run.manifest IS '記録簿の行の内容（本人の情報を含まない）';
COMMENT ON COLUMN provision_run.salt IS '記録簿の行の塩';

-- Entries of neighbouring codes; what stands under one code stands in one bucket of a run.
CREATE TABLE provision_bucket (
    run bigint NOT NULL,
    first_code bigint NOT NULL,
    last_code bigint NOT NULL,
    number integer NOT NULL,
    digest bytea NOT NULL,
    salt bytea NOT NULL,
    entries bytea NOT NULL,
    strands bytea NOT NULL,
    PRIMARY KEY (run, first_code),
    CONSTRAINT provision_bucket_is_in_order CHECK (first_code BETWEEN 0 AND last_code),
    CONSTRAINT provision_bucket_is_not_empty CHECK (number >= 1),
    CONSTRAINT provision_bucket_digest_is_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT provision_bucket_salt_is_256_bits CHECK (octet_length(salt) = 32)
);
ALTER TABLE provision_bucket ALTER COLUMN entries SET STORAGE EXTERNAL;
ALTER TABLE provision_bucket ALTER COLUMN strands SET STORAGE EXTERNAL;
COMMENT ON TABLE provision_bucket IS '索引の束（住民票コードの範囲ごと）';
COMMENT ON COLUMN provision_bucket.number IS '項目の数';
COMMENT ON COLUMN provision_bucket.digest IS '塩と内容のハッシュ';
COMMENT ON COLUMN provision_bucket.entries IS '住民票コードと部分の番号（Parquet）';
COMMENT ON COLUMN provision_bucket.strands IS '部分の中で続く行（Parquet）';

-- Which run has a part's entries, and how many: of a part whose rows were all erased, none.
CREATE TABLE provision_run_part (
    part bigint PRIMARY KEY,
    run bigint NOT NULL,
    entries integer NOT NULL,
    CONSTRAINT provision_run_part_counts_from_zero CHECK (entries >= 0)
);
CREATE INDEX provision_run_part_run ON provision_run_part (run);
COMMENT ON TABLE provision_run_part IS '索引に取り込んだ部分';
COMMENT ON COLUMN provision_run_part.entries IS '項目の数（消去した行を除く）';

-- A provision whose record was erased: which, never about whom; whoever counts again counts it.
CREATE TABLE provision_erasure (
    commitment bytea NOT NULL,
    place integer NOT NULL,
    in_bulk boolean NOT NULL,
    asker text COLLATE "C" NOT NULL,
    envelope text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (commitment, place),
    CONSTRAINT provision_erasure_commitment_is_sha256 CHECK (octet_length(commitment) = 32),
    CONSTRAINT provision_erasure_place_counts_from_zero CHECK (place >= 0)
);
COMMENT ON TABLE provision_erasure IS '消去した提供の記録';
COMMENT ON COLUMN provision_erasure.commitment IS '電文又は部分についての記録簿の行のコミットメント';
COMMENT ON COLUMN provision_erasure.place IS '電文又は部分の中の順番（0から）';
COMMENT ON COLUMN provision_erasure.in_bulk IS '一括提供か';
COMMENT ON COLUMN provision_erasure.asker IS '照会元の機関';
COMMENT ON COLUMN provision_erasure.envelope IS '電文又は一括照会の番号';
COMMENT ON COLUMN provision_erasure.at IS '消去した日時';

-- What vouches for a run is found by its time.
CREATE INDEX journal_runs ON journal (recorded_at) WHERE kind = 'run.compacted';

-- The worker makes the index, and makes it anew.
GRANT UPDATE (indexed) ON provision_part TO juki_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON provision_run TO juki_worker;
GRANT SELECT, INSERT, DELETE ON provision_bucket TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON provision_run_part TO juki_worker;
-- It erases what the law lets it erase, and says so.
GRANT DELETE ON record, code_succession, number_succession TO juki_worker;
GRANT SELECT, INSERT ON provision_erasure TO juki_worker;
