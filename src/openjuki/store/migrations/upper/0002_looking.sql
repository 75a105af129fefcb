-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

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
