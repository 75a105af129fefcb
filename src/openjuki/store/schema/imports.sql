-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- Imports of a register, and how far each has come: residents enter together with the mark that says so.
CREATE TABLE register_import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT register_import_digest_is_sha_256 CHECK (octet_length(digest) = 32)
);
-- a file that is being imported is gone on with, not begun a second time
CREATE UNIQUE INDEX register_import_unfinished ON register_import (digest) WHERE finished_at IS NULL;
COMMENT ON TABLE register_import IS '既存台帳の取込み';
COMMENT ON COLUMN register_import.digest IS '取り込んだファイルと読取方法の要約値';

-- What became of each part of the file, until the import is finished; no value of the register is in the findings.
CREATE TABLE import_chunk (
    import_id bigint NOT NULL REFERENCES register_import,
    last_row integer NOT NULL,
    entered integer NOT NULL,
    unchanged integer NOT NULL,
    findings jsonb NOT NULL,
    PRIMARY KEY (import_id, last_row)
);
COMMENT ON TABLE import_chunk IS '既存台帳の取込み（処理済みの部分）';
COMMENT ON COLUMN import_chunk.last_row IS '処理済みの最後の行';
COMMENT ON COLUMN import_chunk.findings IS '取込結果の一覧の行';

GRANT SELECT, INSERT, UPDATE (finished_at) ON register_import TO juki_worker;
GRANT SELECT, INSERT, DELETE ON import_chunk TO juki_worker;
