-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- What a node's offices ask in bulk: a line of the ledger whose questions and answers are files.
-- The line is written once and never changed; here stands how far it is, and what has arrived.

CREATE TABLE bulk_request (
    line text COLLATE "C" PRIMARY KEY REFERENCES ledger_line,
    provider text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    file text NOT NULL,
    digest bytea NOT NULL,
    rows integer NOT NULL,
    malformed integer NOT NULL,
    duplicates integer NOT NULL,
    parts integer NOT NULL,
    items text[] NOT NULL,
    format text COLLATE "C" NOT NULL,
    encoding text COLLATE "C" NOT NULL,
    body bytea,
    standing text COLLATE "C" NOT NULL,
    answered integer NOT NULL DEFAULT 0,
    code text COLLATE "C",
    refusal jsonb,
    ended_at timestamptz,
    erased_at timestamptz,
    held_by text COLLATE "C",
    held_until timestamptz,
    CONSTRAINT bulk_request_has_keys CHECK (rows >= 1 AND malformed BETWEEN 0 AND rows AND duplicates BETWEEN 0 AND rows),
    CONSTRAINT bulk_request_is_answered_in_parts CHECK (parts >= 1 AND answered BETWEEN 0 AND parts),
    CONSTRAINT bulk_request_stands CHECK (
        standing IN ('waiting', 'running', 'done', 'refused', 'cancelled', 'failed')
    ),
    -- what goes to the provider, with the key of what it pulls, is kept as long as it may have to be sent again
    CONSTRAINT bulk_request_forgets_its_key CHECK ((ended_at IS NULL) = (body IS NOT NULL)),
    CONSTRAINT bulk_request_ends CHECK ((ended_at IS NULL) = (standing IN ('waiting', 'running')))
);
-- by its file a request is recognised that was made before
CREATE INDEX bulk_request_by_digest ON bulk_request (digest);
-- what somebody must go on with, and whose files are still kept
CREATE INDEX bulk_request_open ON bulk_request (line) WHERE ended_at IS NULL;
CREATE INDEX bulk_request_kept ON bulk_request (ended_at) WHERE erased_at IS NULL;
COMMENT ON TABLE bulk_request IS '一括照会';
COMMENT ON COLUMN bulk_request.provider IS '提供者';
COMMENT ON COLUMN bulk_request.kind IS '照会条件の種類';
COMMENT ON COLUMN bulk_request.file IS '照会ファイルの名前';
COMMENT ON COLUMN bulk_request.digest IS '照会ファイルの要約値';
COMMENT ON COLUMN bulk_request.rows IS '照会の件数';
COMMENT ON COLUMN bulk_request.malformed IS 'そのうち形式誤りの件数';
COMMENT ON COLUMN bulk_request.duplicates IS 'そのうち前の行と同じ照会条件の件数';
COMMENT ON COLUMN bulk_request.parts IS '分割の数';
COMMENT ON COLUMN bulk_request.items IS '自らの法令の台帳が提供を認める項目';
COMMENT ON COLUMN bulk_request.format IS '回答ファイルの形式';
COMMENT ON COLUMN bulk_request.encoding IS '回答ファイルの文字コード';
COMMENT ON COLUMN bulk_request.body IS '提供者への求め（照会条件の鍵を含むため、終了時に消去）';
COMMENT ON COLUMN bulk_request.standing IS '状態';
COMMENT ON COLUMN bulk_request.answered IS '提供者が記録を終えた分割の数';
COMMENT ON COLUMN bulk_request.code IS '回答を受けられない理由の番号';
COMMENT ON COLUMN bulk_request.refusal IS '認められなかった理由';
COMMENT ON COLUMN bulk_request.ended_at IS '終了した時';
COMMENT ON COLUMN bulk_request.erased_at IS '照会と回答のファイルを消去した時';
COMMENT ON COLUMN bulk_request.held_by IS '受領を進めているプロセス';
COMMENT ON COLUMN bulk_request.held_until IS 'そのプロセスが進める期限';

-- A part of an answer that has arrived: the provider's signed manifest, and its row, which names nobody.
CREATE TABLE bulk_received (
    line text COLLATE "C" REFERENCES bulk_request,
    part integer,
    received_at timestamptz NOT NULL,
    manifest bytea NOT NULL,
    payload bytea NOT NULL,
    salt bytea NOT NULL,
    results jsonb NOT NULL,
    articles text[] NOT NULL,
    receipted_at timestamptz,
    PRIMARY KEY (line, part),
    CONSTRAINT bulk_received_counts_from_nought CHECK (part >= 0)
);
-- what the provider does not know to have arrived
CREATE INDEX bulk_received_to_receipt ON bulk_received (line, part) WHERE receipted_at IS NULL;
COMMENT ON TABLE bulk_received IS '受領した一括提供の分割';
COMMENT ON COLUMN bulk_received.manifest IS '提供者が署名した回答の目録';
COMMENT ON COLUMN bulk_received.payload IS '提供者の記録簿の行の内容';
COMMENT ON COLUMN bulk_received.salt IS 'その行の塩';
COMMENT ON COLUMN bulk_received.results IS '照会結果ごとの件数';
COMMENT ON COLUMN bulk_received.articles IS '根拠条文';
COMMENT ON COLUMN bulk_received.receipted_at IS '受領を伝えた時';

GRANT SELECT, INSERT, UPDATE (
    body, standing, answered, code, refusal, ended_at, erased_at, held_by, held_until
) ON bulk_request TO juki_worker;
GRANT SELECT, INSERT, UPDATE (receipted_at) ON bulk_received TO juki_worker;
