-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Looking residents up (照会): the indexes, and what a question sees of the register.

-- look-up by name and date of birth, and by number; by name and address the index on names leads
CREATE INDEX resident_birth_name ON resident (birth_date, name_key);
CREATE INDEX resident_individual_number ON resident (individual_number);

-- Codes that a change of code has ended here (法30条の4): asked for, they are told to be replaced, and no more.
CREATE TABLE replaced_code (
    resident_code resident_code PRIMARY KEY,
    resident_number text NOT NULL,
    replaced_at timestamptz NOT NULL
);
COMMENT ON TABLE replaced_code IS '変更前の住民票コード';
COMMENT ON COLUMN replaced_code.replaced_at IS '変更により使われなくなった日時';

-- Likewise numbers (番号法7条2項).
CREATE TABLE replaced_number (
    individual_number individual_number PRIMARY KEY,
    resident_number text NOT NULL,
    replaced_at timestamptz NOT NULL
);
COMMENT ON TABLE replaced_number IS '変更前の個人番号';
COMMENT ON COLUMN replaced_number.replaced_at IS '変更により使われなくなった日時';

-- The same three views, with the same columns, stand at the prefecture and at the Centre.
CREATE VIEW bearer_of_code AS
SELECT resident_code, resident_number AS holder, true AS is_current FROM resident
UNION ALL
SELECT resident_code, resident_number, false FROM replaced_code
WHERE NOT EXISTS (SELECT FROM resident WHERE resident.resident_code = replaced_code.resident_code);
COMMENT ON VIEW bearer_of_code IS '住民票コードの対象者';

CREATE VIEW bearer_of_number AS
SELECT individual_number, resident_number AS holder, true AS is_current FROM resident
UNION ALL
SELECT individual_number, resident_number, false FROM replaced_number
WHERE NOT EXISTS (SELECT FROM resident WHERE resident.individual_number = replaced_number.individual_number);
COMMENT ON VIEW bearer_of_number IS '個人番号の対象者';

CREATE VIEW known_person AS
SELECT resident.resident_number AS holder, resident.state, record.reason, record.date_of_change,
    record.resident_code, record.individual_number, record.name,
    CASE WHEN record.nationality IS NULL THEN record.furigana END AS furigana,
    record.former_surname, record.former_surname_furigana, record.alias, record.birth_date, record.sex,
    record.municipality,
    record.town || record.block || CASE record.building WHEN '' THEN '' ELSE '　' || record.building END AS address,
    resident.name_key, resident.birth_date AS born_on, NULL::text AS address_key
FROM resident JOIN resident_record AS record USING (resident_number, history_number);
COMMENT ON VIEW known_person IS '照会の対象となる住民（現在の本人確認情報）';

-- What was replaced stays so.
GRANT SELECT, INSERT ON replaced_code, replaced_number TO juki_worker;
GRANT SELECT ON bearer_of_code, bearer_of_number, known_person TO juki_worker;

-- Further names by which somebody is found: former surname or alias, and the parts of a foreign resident's name.
CREATE TABLE other_name (
    holder text NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    birth_date date NOT NULL,
    PRIMARY KEY (search_key, birth_date, holder)
);
-- all of somebody's, when they change
CREATE INDEX other_name_holder ON other_name (holder);
COMMENT ON TABLE other_name IS '氏名以外の検索キー（旧氏・通称・併記名）';
COMMENT ON COLUMN other_name.holder IS '宛名番号';
COMMENT ON COLUMN other_name.search_key IS '氏名検索キー又は清音化かな氏名';
COMMENT ON COLUMN other_name.birth_date IS '生年月日（並べ替え用）';

CREATE VIEW bearer_of_name AS
SELECT name_key, birth_date AS born_on, resident_number AS holder, NULL::text AS municipality, NULL::text AS address_key
FROM resident
UNION ALL
SELECT search_key, birth_date, holder, NULL, NULL FROM other_name;
COMMENT ON VIEW bearer_of_name IS '氏名の対象者';

CREATE VIEW bearer_of_reading AS
SELECT kana_key, birth_date AS born_on, resident_number AS holder, NULL::text AS municipality, NULL::text AS address_key
FROM resident
UNION ALL
SELECT search_key, birth_date, holder, NULL, NULL FROM other_name;
COMMENT ON VIEW bearer_of_reading IS '氏名の振り仮名の対象者';

-- What was recorded before (履歴), for affairs that may be told it.
CREATE VIEW known_before AS
SELECT resident.resident_number AS holder, record.stay, record.history_number AS version, record.reason,
    record.date_of_change, record.resident_code, record.individual_number, record.name,
    CASE WHEN record.nationality IS NULL THEN record.furigana END AS furigana,
    record.former_surname, record.former_surname_furigana, record.alias, record.birth_date, record.sex,
    record.municipality,
    record.town || record.block || CASE record.building WHEN '' THEN '' ELSE '　' || record.building END AS address
FROM resident JOIN resident_record AS record USING (resident_number)
WHERE record.history_number <> resident.history_number;
COMMENT ON VIEW known_before IS '住民票の履歴（現在のものを除く）';

-- Keys are made anew when somebody's names change.
GRANT SELECT, INSERT, DELETE ON other_name TO juki_worker;
GRANT SELECT ON bearer_of_name, bearer_of_reading, known_before TO juki_worker;
