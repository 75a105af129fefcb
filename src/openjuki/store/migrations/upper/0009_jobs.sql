-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- A request for provision in bulk. `body` is the request as it came, with the key of its chunks; it goes when nothing more
-- is to be done. The keys themselves are in no table.
CREATE TABLE bulk_job (
    asker text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    body bytea,
    affair text COLLATE "C" NOT NULL,
    office text COLLATE "C" NOT NULL,
    operator text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    rows integer NOT NULL,
    parts smallint NOT NULL,
    accepted_at timestamptz NOT NULL,
    standing text COLLATE "C" NOT NULL,
    refusal jsonb,
    code text COLLATE "C",
    turn_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (asker, request),
    CONSTRAINT bulk_job_digest_is_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT bulk_job_has_keys CHECK (rows BETWEEN 1 AND 40000000 AND parts BETWEEN 1 AND 64),
    CONSTRAINT bulk_job_stands CHECK (standing IN ('waiting', 'running', 'done', 'refused', 'cancelled', 'failed')),
    CONSTRAINT bulk_job_is_refused_by_a_rule CHECK ((standing = 'refused') = (refusal IS NOT NULL)),
    CONSTRAINT bulk_job_ends CHECK ((standing IN ('waiting', 'running')) = (finished_at IS NULL)),
    CONSTRAINT bulk_job_goes_on_with_its_body CHECK (finished_at IS NOT NULL OR body IS NOT NULL)
);
-- those whose turn comes
CREATE INDEX bulk_job_turn ON bulk_job (turn_at) WHERE finished_at IS NULL;
COMMENT ON TABLE bulk_job IS '一括提供の求め';
COMMENT ON COLUMN bulk_job.asker IS '照会元の機関';
COMMENT ON COLUMN bulk_job.request IS '一括照会の番号';
COMMENT ON COLUMN bulk_job.digest IS '求めの内容のハッシュ';
COMMENT ON COLUMN bulk_job.body IS '求めの内容（照会条件の鍵を含む。終了後に消去）';
COMMENT ON COLUMN bulk_job.affair IS '事務（法令の台帳の番号）';
COMMENT ON COLUMN bulk_job.office IS '照会元の部署';
COMMENT ON COLUMN bulk_job.operator IS '照会した操作者又はシステム';
COMMENT ON COLUMN bulk_job.method IS '提供の方法';
COMMENT ON COLUMN bulk_job.kind IS '照会条件の種類';
COMMENT ON COLUMN bulk_job.rows IS '照会の数';
COMMENT ON COLUMN bulk_job.parts IS '分割の数';
COMMENT ON COLUMN bulk_job.accepted_at IS '受け付けた日時';
COMMENT ON COLUMN bulk_job.standing IS '状態';
COMMENT ON COLUMN bulk_job.refusal IS '拒否の理由';
COMMENT ON COLUMN bulk_job.code IS '待機又は失敗の理由（エラーコード）';
COMMENT ON COLUMN bulk_job.turn_at IS '次に処理する日時';
COMMENT ON COLUMN bulk_job.finished_at IS '終了した日時';

-- A part of its answer, recorded and open to be pulled. The answer itself lies in a file, sealed; `key` opens it, and goes
-- when the asker has said that it has the part.
CREATE TABLE bulk_answer (
    asker text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL,
    number smallint NOT NULL,
    part bigint NOT NULL REFERENCES provision_part,
    manifest bytea NOT NULL,
    promise bytea NOT NULL,
    key bytea,
    asked integer NOT NULL,
    results jsonb NOT NULL,
    at timestamptz NOT NULL,
    receipted_at timestamptz,
    PRIMARY KEY (asker, request, number),
    FOREIGN KEY (asker, request) REFERENCES bulk_job,
    CONSTRAINT bulk_answer_counts_from_zero CHECK (number >= 0),
    CONSTRAINT bulk_answer_key_is_256_bits CHECK (octet_length(key) = 32)
);
-- what was told and not confirmed yet
CREATE INDEX bulk_answer_outstanding ON bulk_answer (at) WHERE receipted_at IS NULL;
COMMENT ON TABLE bulk_answer IS '一括提供の回答（分割ごと）';
COMMENT ON COLUMN bulk_answer.asker IS '照会元の機関';
COMMENT ON COLUMN bulk_answer.request IS '一括照会の番号';
COMMENT ON COLUMN bulk_answer.number IS '分割の番号（0から）';
COMMENT ON COLUMN bulk_answer.part IS '提供の記録の番号';
COMMENT ON COLUMN bulk_answer.manifest IS '署名した目録';
COMMENT ON COLUMN bulk_answer.promise IS '署名した記録の約束';
COMMENT ON COLUMN bulk_answer.key IS '回答の鍵（受領確認の後に消去）';
COMMENT ON COLUMN bulk_answer.asked IS '照会の数';
COMMENT ON COLUMN bulk_answer.results IS '照会結果ごとの数';
COMMENT ON COLUMN bulk_answer.at IS '記録した日時';
COMMENT ON COLUMN bulk_answer.receipted_at IS '受領確認を受けた日時';

-- The worker takes requests in and gives answers out; what was answered and signed it never changes.
GRANT SELECT, INSERT, UPDATE (body, standing, code, turn_at, finished_at) ON bulk_job TO juki_worker;
GRANT SELECT, INSERT, UPDATE (key, receipted_at) ON bulk_answer TO juki_worker;
