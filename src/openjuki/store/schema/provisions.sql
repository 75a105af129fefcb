-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- What a prefecture or the Centre has provided, and to whom (本人確認情報の提供の記録): every question that was answered,
-- granted or refused, and every person who was told about. The journal has a row for each envelope.

-- An envelope of questions, answered as a whole; the asker confirms that the answers have arrived.
CREATE TABLE provision_envelope (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asker text COLLATE "C" NOT NULL,
    envelope text COLLATE "C" NOT NULL,
    through text COLLATE "C",
    at timestamptz NOT NULL,
    questions smallint NOT NULL,
    commitment bytea NOT NULL,
    receipted_at timestamptz,
    UNIQUE (asker, envelope),
    CONSTRAINT provision_envelope_asks CHECK (questions >= 1),
    CONSTRAINT provision_envelope_commitment_is_sha256 CHECK (octet_length(commitment) = 32)
);
-- what was answered and not confirmed yet
CREATE INDEX provision_envelope_outstanding ON provision_envelope (at) WHERE receipted_at IS NULL;
-- envelopes of a time, for statistics: rows are added in the order of time, so that their blocks say enough
CREATE INDEX provision_envelope_at ON provision_envelope USING brin (at);
COMMENT ON TABLE provision_envelope IS '提供の電文（受領確認の単位）';
COMMENT ON COLUMN provision_envelope.asker IS '照会元の機関';
COMMENT ON COLUMN provision_envelope.envelope IS '電文の番号';
COMMENT ON COLUMN provision_envelope.through IS '経由した都道府県';
COMMENT ON COLUMN provision_envelope.at IS '提供した日時';
COMMENT ON COLUMN provision_envelope.questions IS '照会の数';
COMMENT ON COLUMN provision_envelope.commitment IS '記録簿の行のコミットメント';
COMMENT ON COLUMN provision_envelope.receipted_at IS '受領確認を受けた日時';

-- A question and what was told: a leaf of the tree whose root stands in the journal's row of its envelope. What the leaf
-- commits to may be erased.
CREATE TABLE provision (
    envelope_id bigint NOT NULL,
    place smallint NOT NULL,
    commitment bytea NOT NULL,
    affair text COLLATE "C" NOT NULL,
    office text COLLATE "C" NOT NULL,
    operator text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    what text COLLATE "C" NOT NULL,
    keys text[] NOT NULL,
    result text COLLATE "C" NOT NULL,
    articles text[] NOT NULL,
    items text[] NOT NULL,
    retention text COLLATE "C" NOT NULL,
    salt bytea,
    payload bytea,
    PRIMARY KEY (envelope_id, place),
    CONSTRAINT provision_place_counts_from_zero CHECK (place >= 0),
    CONSTRAINT provision_commitment_is_sha256 CHECK (octet_length(commitment) = 32),
    -- a payload without its salt proves nothing, a salt without its payload could be guessed against
    CONSTRAINT provision_salt_goes_with_payload CHECK ((salt IS NULL) = (payload IS NULL))
);
ALTER TABLE provision ALTER COLUMN payload SET STORAGE EXTERNAL;
COMMENT ON TABLE provision IS '本人確認情報の提供の記録';
COMMENT ON COLUMN provision.envelope_id IS '提供の電文（内部番号）';
COMMENT ON COLUMN provision.place IS '電文の中の順番（0から）';
COMMENT ON COLUMN provision.commitment IS '電文の木の葉（塩と内容のハッシュ）';
COMMENT ON COLUMN provision.affair IS '事務（法令の台帳の番号）';
COMMENT ON COLUMN provision.office IS '照会元の部署';
COMMENT ON COLUMN provision.operator IS '照会した操作者又はシステム';
COMMENT ON COLUMN provision.method IS '提供の方法';
COMMENT ON COLUMN provision.what IS '照会の種類';
COMMENT ON COLUMN provision.keys IS '照会に用いた条件';
COMMENT ON COLUMN provision.result IS '照会結果';
COMMENT ON COLUMN provision.articles IS '根拠条文';
COMMENT ON COLUMN provision.items IS '提供した項目';
COMMENT ON COLUMN provision.retention IS '保存区分';
COMMENT ON COLUMN provision.salt IS '塩（内容とともに消去できる）';
COMMENT ON COLUMN provision.payload IS '記録内容（保存期間後に消去できる）';

-- Somebody who was told about; `number` counts the candidates of an answer as it showed them.
CREATE TABLE provision_person (
    envelope_id bigint NOT NULL,
    place smallint NOT NULL,
    number smallint NOT NULL,
    person_id bigint NOT NULL,
    salt bytea NOT NULL,
    PRIMARY KEY (envelope_id, place, number),
    CONSTRAINT provision_person_counts_from_one CHECK (number >= 1),
    CONSTRAINT provision_person_salt_is_256_bits CHECK (octet_length(salt) = 32)
);
-- everything that was told about somebody
CREATE INDEX provision_person_person ON provision_person (person_id);
COMMENT ON TABLE provision_person IS '提供の対象となった本人';
COMMENT ON COLUMN provision_person.place IS '電文の中の順番（0から）';
COMMENT ON COLUMN provision_person.number IS '回答の中の順番（候補の番号）';
COMMENT ON COLUMN provision_person.salt IS '本人の識別値の塩';

-- The worker adds; of what it has added it may say that it arrived and that two persons turned out to be one, and take
-- away what the law lets it erase.
GRANT SELECT, INSERT, UPDATE (receipted_at) ON provision_envelope TO juki_worker;
GRANT SELECT, INSERT, UPDATE (salt, payload) ON provision TO juki_worker;
GRANT SELECT, INSERT, DELETE, UPDATE (person_id) ON provision_person TO juki_worker;

-- Who holds a promise names its row by time and commitment; the rows that are promised are found by their time.
CREATE INDEX journal_provided ON journal (recorded_at) WHERE kind = 'provision.envelope';
