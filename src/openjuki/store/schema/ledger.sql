-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- The ledger of what a node's offices asked of providers, and of what they were answered; it fills by itself.
-- Lines and answers are written once and never changed: the worker may add them and read them.

-- A line for each request, with all of its questions, before any of them leaves the node.
CREATE TABLE ledger_line (
    id text COLLATE "C" PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    office text COLLATE "C" NOT NULL,
    operator text COLLATE "C" NOT NULL,
    terminal text COLLATE "C" NOT NULL,
    affair text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    what text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    history boolean NOT NULL,
    keys text[] NOT NULL,
    persons integer NOT NULL,
    salt bytea NOT NULL,
    content bytea NOT NULL,
    -- ids begin with the time, so that what was asked later comes later
    CONSTRAINT ledger_line_id_is_plain CHECK (id ~ '^[0-9a-f]{32}$'),
    CONSTRAINT ledger_line_counts_its_questions CHECK (persons >= 0)
);
-- what an office asked for an affair, by time: its limit a day counts here
CREATE INDEX ledger_line_by_affair ON ledger_line (office, affair, id) INCLUDE (persons);
COMMENT ON TABLE ledger_line IS '照会台帳';
COMMENT ON COLUMN ledger_line.office IS '部署（操作者が登録されていないときは空）';
COMMENT ON COLUMN ledger_line.affair IS '事務（法令の台帳の番号）';
COMMENT ON COLUMN ledger_line.reason IS '照会理由（受付番号など）';
COMMENT ON COLUMN ledger_line.what IS '照会・照合・候補の確定の別';
COMMENT ON COLUMN ledger_line.keys IS '照会に用いた項目';
COMMENT ON COLUMN ledger_line.persons IS '提供者に照会した人数';
COMMENT ON COLUMN ledger_line.salt IS '記録簿の行にある要約値の塩';
COMMENT ON COLUMN ledger_line.content IS '照会の内容（JSON）。記録簿の行は、塩とこの値の要約値を含む';
-- half of it is random, and to compress the rest takes longer than all else that is done for a line
ALTER TABLE ledger_line ALTER COLUMN content SET STORAGE EXTERNAL;

-- What a request was answered: by providers, or at home where the own book said no. Whoever puts it down has put down its
-- line before; to look the line up once more would cost as much as to put the answer down.
CREATE TABLE ledger_answer (
    line text COLLATE "C" PRIMARY KEY,
    answered_at timestamptz NOT NULL,
    code text COLLATE "C",
    results text[] NOT NULL,
    articles text[] NOT NULL,
    routes text[] NOT NULL,
    salt bytea NOT NULL,
    content bytea NOT NULL
);
COMMENT ON TABLE ledger_answer IS '照会台帳の回答';
COMMENT ON COLUMN ledger_answer.code IS '回答を受けられなかったときの誤りの番号';
COMMENT ON COLUMN ledger_answer.results IS '照会ごとの結果';
COMMENT ON COLUMN ledger_answer.articles IS '根拠条文';
COMMENT ON COLUMN ledger_answer.routes IS '提供者と経路';
COMMENT ON COLUMN ledger_answer.salt IS '記録簿の行にある要約値の塩';
COMMENT ON COLUMN ledger_answer.content IS '回答と、提供者がその記録を約束したもの（JSON）。記録簿の行は、塩とこの値の要約値を含む';
ALTER TABLE ledger_answer ALTER COLUMN content SET STORAGE EXTERNAL;

-- An envelope that was answered, with the provider's promise about every row that it made of it.
CREATE TABLE ledger_envelope (
    id text COLLATE "C" PRIMARY KEY,
    provider text COLLATE "C" NOT NULL,
    through text COLLATE "C",
    told_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    promise bytea NOT NULL,
    receipted_at timestamptz,
    proved_at timestamptz,
    salt bytea,
    payload bytea,
    leaves bytea,
    CONSTRAINT ledger_envelope_salt_is_256_bits CHECK (octet_length(salt) = 32),
    CONSTRAINT ledger_envelope_leaves_are_sha256 CHECK (octet_length(leaves) % 32 = 0)
);
-- what is still to be receipted, and promises that are still to be looked after
CREATE INDEX ledger_envelope_to_receipt ON ledger_envelope (received_at) WHERE receipted_at IS NULL;
CREATE INDEX ledger_envelope_to_prove ON ledger_envelope (received_at) WHERE proved_at IS NULL;
COMMENT ON TABLE ledger_envelope IS '回答を受けた電文';
COMMENT ON COLUMN ledger_envelope.through IS '経由した都道府県';
COMMENT ON COLUMN ledger_envelope.told_at IS '提供者が記録した時';
COMMENT ON COLUMN ledger_envelope.promise IS '提供者による記録の約束';
COMMENT ON COLUMN ledger_envelope.receipted_at IS '受領を伝えた時';
COMMENT ON COLUMN ledger_envelope.proved_at IS '約束の履行を確かめた時';
COMMENT ON COLUMN ledger_envelope.salt IS '提供者の記録簿の行の塩';
COMMENT ON COLUMN ledger_envelope.payload IS '提供者の記録簿の行の内容';
COMMENT ON COLUMN ledger_envelope.leaves IS '照会ごとの行のコミットメント（順に連結）';
ALTER TABLE ledger_envelope ALTER COLUMN promise SET STORAGE EXTERNAL;
ALTER TABLE ledger_envelope ALTER COLUMN payload SET STORAGE EXTERNAL, ALTER COLUMN leaves SET STORAGE EXTERNAL;

GRANT SELECT, INSERT ON ledger_line, ledger_answer TO juki_worker;
GRANT SELECT, INSERT, UPDATE (receipted_at, proved_at) ON ledger_envelope TO juki_worker;
