-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Changes for a clientele: at an agency its lists, how far each was told, and what it was told; at a provider which
-- turns it has told. Nobody's list stands in a database: at the agency it is a file, elsewhere it is nowhere.

-- A list of an office, for one affair; the file of that digest has its keys.
CREATE TABLE clientele (
    name text COLLATE "C" PRIMARY KEY,
    office text COLLATE "C" NOT NULL,
    affair text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    operator text COLLATE "C" NOT NULL,
    terminal text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    keys integer NOT NULL,
    digest bytea NOT NULL,
    every integer NOT NULL,
    put_at timestamptz NOT NULL,
    CONSTRAINT clientele_name_is_plain CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT clientele_is_somebody CHECK (keys >= 1),
    CONSTRAINT clientele_digest_is_sha256 CHECK (octet_length(digest) = 32),
    -- nought: asked only when somebody says so
    CONSTRAINT clientele_waits_some_time CHECK (every >= 0)
);
COMMENT ON TABLE clientele IS '対象者一覧（異動の提供を受ける事務の対象者）';
COMMENT ON COLUMN clientele.office IS '部署';
COMMENT ON COLUMN clientele.affair IS '事務（法令の台帳の番号）';
COMMENT ON COLUMN clientele.reason IS '照会理由';
COMMENT ON COLUMN clientele.operator IS '登録した操作者又はシステム';
COMMENT ON COLUMN clientele.terminal IS '登録した端末又はシステムの資格情報';
COMMENT ON COLUMN clientele.kind IS '一覧の照会条件';
COMMENT ON COLUMN clientele.keys IS '対象者の数';
COMMENT ON COLUMN clientele.digest IS '一覧のファイルの要約値';
COMMENT ON COLUMN clientele.every IS '照会の間隔（秒、0は手動）';
COMMENT ON COLUMN clientele.put_at IS '一覧を登録した日時';

-- How far a list has been told by a provider: a size of the provider's journal.
CREATE TABLE clientele_cursor (
    clientele text COLLATE "C" NOT NULL REFERENCES clientele ON DELETE CASCADE,
    provider text COLLATE "C" NOT NULL,
    journal integer NOT NULL,
    size bigint NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (clientele, provider)
);
COMMENT ON TABLE clientele_cursor IS '対象者一覧の提供済みの位置';
COMMENT ON COLUMN clientele_cursor.journal IS '提供者の記録簿番号';
COMMENT ON COLUMN clientele_cursor.size IS '提供者の記録簿の大きさ';
COMMENT ON COLUMN clientele_cursor.told_at IS '提供を受けた日時';

-- A turn: once asked it stands here, whatever becomes of it.
CREATE TABLE clientele_turn (
    request text COLLATE "C" PRIMARY KEY,
    clientele text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    changes integer,
    code text COLLATE "C",
    payload bytea,
    salt bytea,
    promise bytea,
    receipted_at timestamptz,
    CONSTRAINT clientele_turn_request_is_plain CHECK (request ~ '^[0-9a-f]{32}$')
);
-- when a list was asked about last: turns are kept for ever
CREATE INDEX clientele_turn_asked ON clientele_turn (clientele, asked_at);
-- what was told and is not receipted yet
CREATE INDEX clientele_turn_to_receipt ON clientele_turn (provider, asked_at)
WHERE payload IS NOT NULL AND receipted_at IS NULL;
COMMENT ON TABLE clientele_turn IS '対象者の異動の照会';
COMMENT ON COLUMN clientele_turn.digest IS '照会に用いた一覧のファイルの要約値';
COMMENT ON COLUMN clientele_turn.changes IS '提供を受けた異動の数';
COMMENT ON COLUMN clientele_turn.code IS '提供を受けられなかったときの誤り又は拒否の番号';
COMMENT ON COLUMN clientele_turn.payload IS '提供者の記録簿の行の内容';
COMMENT ON COLUMN clientele_turn.salt IS '提供者の記録簿の行の塩';
COMMENT ON COLUMN clientele_turn.promise IS '提供者の約束';
COMMENT ON COLUMN clientele_turn.receipted_at IS '受領確認を送った日時';

-- What was told, numbered from 1 for each list: whoever reads names the last number they have.
CREATE TABLE clientele_change (
    clientele text COLLATE "C" NOT NULL REFERENCES clientele ON DELETE CASCADE,
    seq bigint NOT NULL,
    request text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    told bytea NOT NULL,
    PRIMARY KEY (clientele, seq),
    CONSTRAINT clientele_change_counts_from_one CHECK (seq >= 1)
);
-- the changes of a day
CREATE INDEX clientele_change_by_time ON clientele_change (clientele, received_at);
COMMENT ON TABLE clientele_change IS '対象者の異動';
COMMENT ON COLUMN clientele_change.seq IS '一覧ごとの連番（1から）';
COMMENT ON COLUMN clientele_change.told IS '提供された異動（JSON）';

-- At a provider: a turn that was told, named by what its row in the journal commits to.
CREATE TABLE clientele_told (
    request text COLLATE "C" NOT NULL,
    asker text COLLATE "C" NOT NULL,
    affair text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    changes integer NOT NULL,
    commitment bytea NOT NULL,
    receipted_at timestamptz,
    -- an asker draws its ids, and blocks nobody else's
    PRIMARY KEY (asker, request),
    CONSTRAINT clientele_told_commitment_is_sha256 CHECK (octet_length(commitment) = 32)
);
-- what was told and is not confirmed yet
CREATE INDEX clientele_told_outstanding ON clientele_told (at) WHERE receipted_at IS NULL;
COMMENT ON TABLE clientele_told IS '対象者の異動の提供（受領確認の単位）';
COMMENT ON COLUMN clientele_told.asker IS '照会元の機関';
COMMENT ON COLUMN clientele_told.changes IS '提供した異動の数';
COMMENT ON COLUMN clientele_told.commitment IS '記録簿の行のコミットメント';
COMMENT ON COLUMN clientele_told.receipted_at IS '受領確認を受けた日時';

-- A list is put and dropped; of what was told only its arrival is noted.
GRANT SELECT, INSERT, UPDATE, DELETE ON clientele TO juki_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON clientele_cursor TO juki_worker;
GRANT SELECT, INSERT, UPDATE (answered_at, changes, code, payload, salt, promise, receipted_at) ON clientele_turn TO juki_worker;
GRANT SELECT, INSERT, DELETE ON clientele_change TO juki_worker;
GRANT SELECT, INSERT, UPDATE (receipted_at) ON clientele_told TO juki_worker;
