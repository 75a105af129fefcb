-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Bulk provisions as they were recorded (一括提供の記録): parts of at most 1,048,576 keys each.

-- A part of a bulk provision: what its row in the journal says, and who was told about, as Parquet. A secret of 32 bytes
-- for each 1,024 rows makes their salts; `roots` are the roots over as many leaves.
CREATE TABLE provision_part (
    part bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commitment bytea NOT NULL,
    manifest bytea NOT NULL,
    salt bytea NOT NULL,
    request text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    asker text COLLATE "C" NOT NULL,
    affair text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    asked integer NOT NULL,
    answered integer NOT NULL,
    rows integer NOT NULL,
    results jsonb NOT NULL,
    articles text[] NOT NULL,
    items text[] NOT NULL,
    told integer[] NOT NULL,
    log bytea NOT NULL,
    secrets bytea NOT NULL,
    roots bytea NOT NULL,
    CONSTRAINT provision_part_commitment_is_sha256 CHECK (octet_length(commitment) = 32),
    CONSTRAINT provision_part_salt_is_256_bits CHECK (octet_length(salt) = 32),
    CONSTRAINT provision_part_counts_from_zero CHECK (number >= 0),
    CONSTRAINT provision_part_rows_are_among_the_asked CHECK (rows BETWEEN 0 AND answered),
    CONSTRAINT provision_part_answers_what_was_asked CHECK (answered <= asked AND asked <= 1048576),
    CONSTRAINT provision_part_has_a_secret_a_chunk CHECK (octet_length(secrets) = 32 * ((rows + 1023) / 1024)),
    CONSTRAINT provision_part_has_a_root_a_chunk CHECK (octet_length(roots) = octet_length(secrets)),
    CONSTRAINT provision_part_tells_of_every_basis CHECK (cardinality(told) = cardinality(articles))
);
-- a part of a request is provided once; askers draw the ids of their requests themselves
CREATE UNIQUE INDEX provision_part_request ON provision_part (asker, request, number);
-- provisions of a time, for statistics
CREATE INDEX provision_part_at ON provision_part (at);
-- a slice is read without the rest
ALTER TABLE provision_part ALTER COLUMN log SET STORAGE EXTERNAL;
ALTER TABLE provision_part ALTER COLUMN secrets SET STORAGE EXTERNAL;
ALTER TABLE provision_part ALTER COLUMN roots SET STORAGE EXTERNAL;
COMMENT ON TABLE provision_part IS '一括提供の部分（提供の記録）';
COMMENT ON COLUMN provision_part.part IS '部分の番号（この機関の中での通し番号）';
COMMENT ON COLUMN provision_part.commitment IS '記録簿の行のコミットメント';
COMMENT ON COLUMN provision_part.manifest IS '記録簿の行の内容（本人の情報を含まない）';
COMMENT ON COLUMN provision_part.salt IS '記録簿の行の塩';
COMMENT ON COLUMN provision_part.request IS '一括照会の番号';
COMMENT ON COLUMN provision_part.number IS '一括照会の中の順番（0から）';
COMMENT ON COLUMN provision_part.asker IS '照会元の機関';
COMMENT ON COLUMN provision_part.affair IS '事務（法令の台帳の番号）';
COMMENT ON COLUMN provision_part.method IS '提供の方法';
COMMENT ON COLUMN provision_part.at IS '提供した日時';
COMMENT ON COLUMN provision_part.asked IS '照会の数';
COMMENT ON COLUMN provision_part.answered IS '回答した照会の数（権限なし・形式誤りを除く）';
COMMENT ON COLUMN provision_part.rows IS '提供の対象となった本人の数（行の数）';
COMMENT ON COLUMN provision_part.results IS '照会結果ごとの数';
COMMENT ON COLUMN provision_part.articles IS '根拠条文';
COMMENT ON COLUMN provision_part.items IS '提供した項目';
COMMENT ON COLUMN provision_part.told IS '根拠条文ごとの行の数';
COMMENT ON COLUMN provision_part.log IS '提供の対象となった本人（Parquet）';
COMMENT ON COLUMN provision_part.secrets IS '塩の鍵（1,024行ごと。行を消去した区画では零）';
COMMENT ON COLUMN provision_part.roots IS '1,024行ごとのハッシュ';

-- A chunk of 1,024 rows of which some were erased: the salts of the others, and the leaves of what is gone.
CREATE TABLE provision_part_erased (
    part bigint NOT NULL,
    chunk integer NOT NULL,
    salts bytea NOT NULL,
    leaves bytea NOT NULL,
    PRIMARY KEY (part, chunk),
    CONSTRAINT provision_part_erased_has_salts CHECK (octet_length(salts) BETWEEN 32 AND 32768),
    CONSTRAINT provision_part_erased_has_leaves CHECK (octet_length(leaves) BETWEEN 34 AND 34816)
);
COMMENT ON TABLE provision_part_erased IS '消去した行のある区画';
COMMENT ON COLUMN provision_part_erased.chunk IS '区画（1,024行）の番号（0から）';
COMMENT ON COLUMN provision_part_erased.salts IS '残る行の塩（消去した行は零）';
COMMENT ON COLUMN provision_part_erased.leaves IS '消去した行の位置（2バイト）と葉のハッシュ';

-- Who is shown a proof of a part is shown its row, which is found by its time.
CREATE INDEX journal_parts ON journal (recorded_at) WHERE kind = 'provision.part';

-- The worker adds parts; of one that stands it may only take away who was told about, and never change what was signed.
GRANT SELECT, INSERT, UPDATE (log, secrets) ON provision_part TO juki_worker;
GRANT SELECT, INSERT, UPDATE (salts, leaves) ON provision_part_erased TO juki_worker;
