-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- by_code --
-- Whom resident codes lead to: who bears it, else who bore it; never more than one, and the limit says so
SELECT asked.place, bearer.is_current, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(codes)b::text[]) AS asked (place, resident_code)
CROSS JOIN LATERAL (
    SELECT holder, is_current FROM bearer_of_code AS bearer WHERE bearer.resident_code = asked.resident_code
    LIMIT 1
) AS bearer
JOIN known_person AS known USING (holder);

-- by_number --
-- Likewise individual numbers
SELECT asked.place, bearer.is_current, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(numbers)b::text[]) AS asked (place, individual_number)
CROSS JOIN LATERAL (
    SELECT holder, is_current FROM bearer_of_number AS bearer WHERE bearer.individual_number = asked.individual_number
    LIMIT 1
) AS bearer
JOIN known_person AS known USING (holder);

-- by_birth --
-- Who bears a name and was born on a day; one by one through indexes, whatever the planner thinks of names
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(names)b::text[], %(days)b::date[]) AS asked (place, name_key, born_on)
CROSS JOIN LATERAL (
    SELECT holder FROM bearer_of_name AS bearer
    WHERE bearer.name_key = asked.name_key AND bearer.born_on = asked.born_on
    OFFSET 0
) AS bearer
CROSS JOIN LATERAL (SELECT * FROM known_person WHERE known_person.holder = bearer.holder LIMIT 1) AS known;

-- by_address --
-- Who bears a name and lives at an address, as far as the database can tell
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(names)b::text[], %(municipalities)b::text[], %(addresses)b::text[]) AS asked (place, name_key, municipality, address_key)
CROSS JOIN LATERAL (
    SELECT holder FROM bearer_of_name AS bearer
    WHERE bearer.name_key = asked.name_key
        AND (asked.municipality IS NULL OR bearer.municipality IS NULL OR bearer.municipality = asked.municipality)
        AND (bearer.address_key IS NULL OR starts_with(bearer.address_key, asked.address_key)
            OR starts_with(asked.address_key, bearer.address_key))
    OFFSET 0
) AS bearer
CROSS JOIN LATERAL (SELECT * FROM known_person WHERE known_person.holder = bearer.holder LIMIT 1) AS known;

-- by_reading_and_birth --
-- Whose name reads so and was born on a day
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(readings)b::text[], %(days)b::date[]) AS asked (place, kana_key, born_on)
CROSS JOIN LATERAL (
    SELECT holder FROM bearer_of_reading AS bearer
    WHERE bearer.kana_key = asked.kana_key AND bearer.born_on = asked.born_on
    OFFSET 0
) AS bearer
CROSS JOIN LATERAL (SELECT * FROM known_person WHERE known_person.holder = bearer.holder LIMIT 1) AS known;

-- by_reading_and_address --
-- Whose name reads so and lives at an address, as far as the database can tell
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(readings)b::text[], %(municipalities)b::text[], %(addresses)b::text[]) AS asked (place, kana_key, municipality, address_key)
CROSS JOIN LATERAL (
    SELECT holder FROM bearer_of_reading AS bearer
    WHERE bearer.kana_key = asked.kana_key
        AND (asked.municipality IS NULL OR bearer.municipality IS NULL OR bearer.municipality = asked.municipality)
        AND (bearer.address_key IS NULL OR starts_with(bearer.address_key, asked.address_key)
            OR starts_with(asked.address_key, bearer.address_key))
    OFFSET 0
) AS bearer
CROSS JOIN LATERAL (SELECT * FROM known_person WHERE known_person.holder = bearer.holder LIMIT 1) AS known;

-- before --
-- What was recorded of persons before, the latest first
SELECT 0, true, holder, '', reason, date_of_change, resident_code, individual_number, name, furigana, former_surname,
    former_surname_furigana, alias, birth_date, sex, municipality, address
FROM known_before WHERE holder = ANY(%(holders)s) ORDER BY holder, stay DESC, version DESC;

-- keep_names --
-- Further names under which somebody is found
INSERT INTO other_name (holder, search_key, birth_date)
SELECT holder, search_key, birth_date FROM json_populate_recordset(NULL::other_name, %(names)s::json);

-- forget_names --
-- Names under which somebody is no longer found
DELETE FROM other_name WHERE holder = ANY(%(holders)s);

-- keep_codes --
-- Codes that these residents bear until now and will no longer (法30条の4)
INSERT INTO replaced_code (resident_code, resident_number, replaced_at)
SELECT resident.resident_code, resident_number, %(at)s
FROM resident JOIN unnest(%(residents)s::text[], %(codes)s::text[]) AS now (resident_number, resident_code)
    USING (resident_number)
WHERE resident.resident_code <> now.resident_code
ON CONFLICT DO NOTHING;

-- keep_numbers --
-- Likewise their numbers (番号法7条2項)
INSERT INTO replaced_number (individual_number, resident_number, replaced_at)
SELECT resident.individual_number, resident_number, %(at)s
FROM resident JOIN unnest(%(residents)s::text[], %(numbers)s::text[]) AS now (resident_number, individual_number)
    USING (resident_number)
WHERE resident.individual_number <> now.individual_number
ON CONFLICT DO NOTHING;
