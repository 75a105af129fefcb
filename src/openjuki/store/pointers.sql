-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- add --
-- Persons nobody knew before
COPY person (person_id, stay, version, state, municipality, birth_date, name_key, kana_key, address_key)
FROM STDIN (FORMAT BINARY);

-- move --
-- Where persons stand now, and how one finds them
UPDATE person
SET stay = now.stay, version = now.version, state = now.state, municipality = now.municipality,
    birth_date = now.birth_date, name_key = now.name_key, kana_key = now.kana_key, address_key = now.address_key
FROM json_to_recordset(%(persons)s::json) AS now (
    person_id bigint, stay integer, version integer, state text, municipality text, birth_date date, name_key text,
    kana_key text, address_key text
)
WHERE person.person_id = now.person_id;

-- items --
-- The items that search keys are made of, of given versions
SELECT record.person_id, address, birth_date, name, furigana, former_surname, former_surname_furigana, alias
FROM record
JOIN unnest(%(persons)s::bigint[], %(stays)s::integer[], %(versions)s::integer[]) AS pointed (person_id, stay, version)
    USING (person_id, stay, version);
