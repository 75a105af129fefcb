-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Identification information at the prefecture and the Centre (本人確認情報, 法30条の6・30条の7),
-- keyed by an internal person_id that never leaves the node.

-- A block of 1,000 person ids at a time: one call for a batch.
CREATE SEQUENCE person_block INCREMENT BY 1000 MINVALUE 1000 START WITH 1000 NO CYCLE;

-- Which person bears, or bore, a code.
CREATE TABLE code_succession (
    resident_code resident_code PRIMARY KEY,
    person_id bigint NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz
);
COMMENT ON TABLE code_succession IS '住民票コードの承継';
COMMENT ON COLUMN code_succession.until IS '変更により使われなくなった日時';

-- Which person bears, or bore, a number; a number is never given twice (番号法施行令8条).
CREATE TABLE number_succession (
    individual_number individual_number PRIMARY KEY,
    person_id bigint NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz
);
COMMENT ON TABLE number_succession IS '個人番号の承継';

-- Every notice that was admitted, as a row; nothing is overwritten (令30条の6: 150 years).
CREATE TABLE record (
    person_id bigint NOT NULL,
    stay integer NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL,
    date_of_change date NOT NULL,
    recorded_at timestamptz NOT NULL,
    previous_resident_code resident_code,
    previous_individual_number individual_number,
    predecessor_municipality local_government_code,
    predecessor_stay integer,
    resident_code resident_code NOT NULL,
    individual_number individual_number,
    name text NOT NULL,
    furigana text,
    former_surname text,
    former_surname_furigana text,
    alias text,
    birth_date date NOT NULL,
    birth_date_recorded recorded_date,
    sex text NOT NULL,
    municipality local_government_code NOT NULL,
    address text NOT NULL,
    origin text NOT NULL,
    received_at timestamptz NOT NULL,
    digest bytea NOT NULL,
    -- one row for each version of a stay: versions are never told twice differently (更新順番号)
    PRIMARY KEY (person_id, stay, version),
    CONSTRAINT record_counts_from_one CHECK (stay >= 1 AND version >= 1),
    CONSTRAINT record_sex_is_recorded CHECK (sex IN ('male', 'female', 'unknown')),
    CONSTRAINT record_predecessor_is_whole
        CHECK ((predecessor_municipality IS NULL) = (predecessor_stay IS NULL))
);
-- who entered a further stay lately: whose earlier stay should be closed by now
CREATE INDEX record_further_entry ON record (recorded_at) WHERE version = 1 AND stay > 1;
COMMENT ON TABLE record IS '本人確認情報（履歴）';
COMMENT ON COLUMN record.stay IS '居住回次（本システム独自）';
COMMENT ON COLUMN record.version IS '更新順番号';
COMMENT ON COLUMN record.reason IS '異動事由';
COMMENT ON COLUMN record.date_of_change IS '異動年月日';
COMMENT ON COLUMN record.recorded_at IS '市区町村の処理日時';
COMMENT ON COLUMN record.previous_resident_code IS '変更前の住民票コード';
COMMENT ON COLUMN record.previous_individual_number IS '変更前の個人番号';
COMMENT ON COLUMN record.predecessor_municipality IS '転入前の市区町村';
COMMENT ON COLUMN record.predecessor_stay IS '転入前の居住回次';
COMMENT ON COLUMN record.resident_code IS '住民票コード';
COMMENT ON COLUMN record.individual_number IS '個人番号';
COMMENT ON COLUMN record.name IS '氏名';
COMMENT ON COLUMN record.furigana IS '氏名の振り仮名';
COMMENT ON COLUMN record.former_surname IS '旧氏';
COMMENT ON COLUMN record.former_surname_furigana IS '旧氏の振り仮名';
COMMENT ON COLUMN record.alias IS '通称';
COMMENT ON COLUMN record.birth_date IS '生年月日（並べ替え用）';
COMMENT ON COLUMN record.birth_date_recorded IS '生年月日（暦上日でないときの記録）';
COMMENT ON COLUMN record.sex IS '性別';
COMMENT ON COLUMN record.municipality IS '市町村コード';
COMMENT ON COLUMN record.address IS '住所';
COMMENT ON COLUMN record.origin IS '通知元の市区町村';
COMMENT ON COLUMN record.received_at IS '通知を受けた日時';
COMMENT ON COLUMN record.digest IS '通知のSHA-256';

-- Where each person stands now, and the keys under which the law lets one look (令30条の6).
CREATE TABLE person (
    person_id bigint PRIMARY KEY,
    stay integer NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    municipality local_government_code NOT NULL,
    birth_date date NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    kana_key text COLLATE "C",
    address_key text COLLATE "C" NOT NULL
) WITH (fillfactor = 90);
-- look-up by name and date of birth, and by name and municipality (address): the two lawful combinations
CREATE INDEX person_birth_name ON person (birth_date, name_key);
CREATE INDEX person_name_municipality ON person (name_key, municipality);
COMMENT ON TABLE person IS '個人（現在の本人確認情報の位置と検索キー）';
COMMENT ON COLUMN person.birth_date IS '生年月日（並べ替え用）';
COMMENT ON COLUMN person.name_key IS '氏名検索キー';
COMMENT ON COLUMN person.kana_key IS '清音化かな氏名';
COMMENT ON COLUMN person.address_key IS '住所検索キー';

-- The last notice taken in of each municipality, by the number the municipality gave it.
CREATE TABLE origin_mark (
    origin text PRIMARY KEY,
    seq bigint NOT NULL,
    CONSTRAINT origin_mark_counts_from_zero CHECK (seq >= 0)
);
COMMENT ON TABLE origin_mark IS '市区町村別の受領位置';

-- The worker adds records and moves pointers. It deletes one thing: the second identity of a person
-- whom a change of code shows to be known already.
GRANT USAGE ON SEQUENCE person_block TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON code_succession, number_succession TO juki_worker;
GRANT SELECT, INSERT, UPDATE (person_id) ON record TO juki_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON person TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON origin_mark TO juki_worker;

-- Admitted notices in the order of the journal, without whatever else stands between them: the snapshot is folded from
-- them, and changes are told from them.
CREATE INDEX journal_applied ON journal (index) WHERE kind = 'notice.applied';
