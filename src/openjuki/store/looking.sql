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
-- Who bears a name and was born on a day
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(names)b::text[], %(days)b::date[]) AS asked (place, name_key, born_on)
JOIN bearer_of_name USING (name_key, born_on)
JOIN known_person AS known USING (holder);

-- by_address --
-- Who bears a name and lives at an address, as far as the database can tell
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(names)b::text[], %(municipalities)b::text[], %(addresses)b::text[])
    AS asked (place, name_key, municipality, address_key)
JOIN bearer_of_name USING (name_key)
JOIN known_person AS known USING (holder)
WHERE (asked.municipality IS NULL OR known.municipality = asked.municipality)
    AND (known.address_key IS NULL OR starts_with(known.address_key, asked.address_key));

-- by_reading_and_birth --
-- Whose name reads so and was born on a day
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(readings)b::text[], %(days)b::date[]) AS asked (place, kana_key, born_on)
JOIN bearer_of_reading USING (kana_key, born_on)
JOIN known_person AS known USING (holder);

-- by_reading_and_address --
-- Whose name reads so and lives at an address, as far as the database can tell
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(readings)b::text[], %(municipalities)b::text[], %(addresses)b::text[])
    AS asked (place, kana_key, municipality, address_key)
JOIN bearer_of_reading USING (kana_key)
JOIN known_person AS known USING (holder)
WHERE (asked.municipality IS NULL OR known.municipality = asked.municipality)
    AND (known.address_key IS NULL OR starts_with(known.address_key, asked.address_key));

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
