-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE other_name (
    holder text NOT NULL,
    search_key text COLLATE "C" NOT NULL,
    birth_date date NOT NULL,
    PRIMARY KEY (search_key, birth_date, holder)
);
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

GRANT SELECT, INSERT, DELETE ON other_name TO juki_worker;
GRANT SELECT ON bearer_of_name, bearer_of_reading, known_before TO juki_worker;
