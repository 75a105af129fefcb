-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- What a look-up (照会) sees of the persons at the prefecture and at the Centre; the columns are those of the
-- municipality's views.

CREATE VIEW bearer_of_code AS
SELECT resident_code, person_id AS holder, until IS NULL AS is_current FROM code_succession;
COMMENT ON VIEW bearer_of_code IS '住民票コードの対象者';

CREATE VIEW bearer_of_number AS
SELECT individual_number, person_id AS holder, until IS NULL AS is_current FROM number_succession;
COMMENT ON VIEW bearer_of_number IS '個人番号の対象者';

CREATE VIEW known_person AS
SELECT person.person_id AS holder, person.state, record.reason, record.date_of_change,
    record.resident_code, record.individual_number, record.name, record.furigana,
    record.former_surname, record.former_surname_furigana, record.alias,
    coalesce(record.birth_date_recorded, record.birth_date::text) AS birth_date, record.sex,
    record.municipality, record.address,
    person.name_key, person.birth_date AS born_on, person.address_key
FROM person JOIN record USING (person_id, stay, version);
COMMENT ON VIEW known_person IS '照会の対象となる本人（現在の本人確認情報）';

GRANT SELECT ON bearer_of_code, bearer_of_number, known_person TO juki_worker;

-- look-up by furigana with date of birth, or with address
CREATE INDEX person_kana_birth ON person (kana_key, birth_date);

-- Further names by which somebody is found: former surname or alias, and the parts of a foreign resident's name.
CREATE TABLE other_name (
    holder bigint NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    birth_date date NOT NULL,
    PRIMARY KEY (search_key, birth_date, holder)
);
-- all of somebody's, when they change
CREATE INDEX other_name_holder ON other_name (holder);
COMMENT ON TABLE other_name IS '氏名以外の検索キー（旧氏・通称・併記名）';
COMMENT ON COLUMN other_name.holder IS '個人の内部番号';
COMMENT ON COLUMN other_name.search_key IS '氏名検索キー又は清音化かな氏名';
COMMENT ON COLUMN other_name.birth_date IS '生年月日（並べ替え用）';

CREATE VIEW bearer_of_name AS
SELECT name_key, birth_date AS born_on, person_id AS holder, municipality, address_key FROM person
UNION ALL
SELECT search_key, birth_date, holder, NULL, NULL FROM other_name;
COMMENT ON VIEW bearer_of_name IS '氏名の対象者';

CREATE VIEW bearer_of_reading AS
SELECT kana_key, birth_date AS born_on, person_id AS holder, municipality, address_key FROM person
UNION ALL
SELECT search_key, birth_date, holder, NULL, NULL FROM other_name;
COMMENT ON VIEW bearer_of_reading IS '氏名の振り仮名の対象者';

-- What was recorded before (履歴), for affairs that may be told it.
CREATE VIEW known_before AS
SELECT record.person_id AS holder, record.stay, record.version, record.reason, record.date_of_change,
    record.resident_code, record.individual_number, record.name, record.furigana,
    record.former_surname, record.former_surname_furigana, record.alias,
    coalesce(record.birth_date_recorded, record.birth_date::text) AS birth_date, record.sex,
    record.municipality, record.address
FROM person JOIN record USING (person_id)
WHERE (record.stay, record.version) <> (person.stay, person.version);
COMMENT ON VIEW known_before IS '本人確認情報の履歴（現在のものを除く）';

-- Keys are made anew when somebody's names change.
GRANT SELECT, INSERT, DELETE ON other_name TO juki_worker;
GRANT SELECT ON bearer_of_name, bearer_of_reading, known_before TO juki_worker;
