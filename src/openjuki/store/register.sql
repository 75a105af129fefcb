-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- lock --
-- Hold these residents until the end of the transaction, always in the same order
SELECT resident_number FROM resident WHERE resident_number = ANY(%(residents)s) ORDER BY resident_number
FOR NO KEY UPDATE;

-- histories --
-- Every row of these residents' histories, oldest first
SELECT * FROM resident_record WHERE resident_number = ANY(%(residents)s) ORDER BY resident_number, history_number;

-- current --
-- The present row of every resident, in the order of their numbers
SELECT record.*
FROM resident JOIN resident_record AS record USING (resident_number, history_number)
ORDER BY resident_number;

-- standing --
-- Who stands so, in the order of their numbers
SELECT resident_number FROM resident WHERE state = ANY(%(states)s) ORDER BY resident_number;

-- add_rows --
-- Keep changes: the whole row again
COPY resident_record (
    resident_number, history_number, stay, version, reason, action, state, date_of_change, change_notified_on,
    recorded_at, predecessor_municipality, predecessor_stay, destination_municipality, destination_address, resident_code,
    individual_number, name, furigana, former_surname, former_surname_furigana, alias, name_latin,
    name_kanji, birth_date, sex, municipality, town, block, building, postal_code, machiaza_id, household_number,
    relationship, registered_domicile, head_of_koseki, became_resident_on, address_settled_on, notified_on,
    previous_address, nationality, became_foreign_resident_on, residence_category, residence_status, residence_period,
    residence_expires_on, residence_card_number
) FROM STDIN (FORMAT BINARY);

-- add_residents --
-- Residents nobody knew before
COPY resident (
    resident_number, history_number, state, resident_code, individual_number, household_number, birth_date, name_key,
    kana_key
) FROM STDIN (FORMAT BINARY);

-- move_residents --
-- Where residents stand now, and how one finds them
UPDATE resident
SET history_number = now.history_number, state = now.state, resident_code = now.resident_code,
    individual_number = now.individual_number, household_number = now.household_number, birth_date = now.birth_date,
    name_key = now.name_key, kana_key = now.kana_key
FROM json_to_recordset(%(residents)s::json) AS now (
    resident_number text, history_number integer, state text, resident_code text, individual_number text,
    household_number text, birth_date date, name_key text, kana_key text
)
WHERE resident.resident_number = now.resident_number;

-- by_code --
-- Who bears these codes
SELECT resident_code, resident_number FROM resident WHERE resident_code = ANY(%(codes)s);

-- by_number --
-- Who bears these individual numbers
SELECT individual_number, resident_number FROM resident WHERE individual_number = ANY(%(numbers)s);

-- by_any_code --
-- Who bears these codes, or bore them until a change of code
SELECT resident_code, holder FROM bearer_of_code WHERE resident_code = ANY(%(codes)s);

-- residents --
-- How many stand how
SELECT state, count(*) FROM resident GROUP BY state;

-- serials --
-- Serial numbers for new residents, or new households
SELECT nextval(%(sequence)s) FROM generate_series(1, %(count)s);

-- free_resident --
-- The first of these numbers that no resident has or had
SELECT number FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS drawn (number, place)
WHERE NOT EXISTS (SELECT FROM resident WHERE resident_number = number)
ORDER BY place LIMIT 1;

-- free_household --
-- The first of these numbers that no household has
SELECT number FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS drawn (number, place)
WHERE NOT EXISTS (SELECT FROM resident WHERE household_number = number)
ORDER BY place LIMIT 1;

-- add_stock --
-- Codes that the Centre has designated
INSERT INTO code_stock (resident_code, draw_order, designated_at)
SELECT code, draw_order, %(at)s FROM unnest(%(codes)s::text[], %(orders)s::bigint[]) AS designated (code, draw_order)
ON CONFLICT (resident_code) DO NOTHING;

-- draw --
-- Codes for new residents, in the random order in which they lie
UPDATE code_stock SET used_at = %(at)s
WHERE resident_code = ANY(ARRAY(
    SELECT resident_code FROM code_stock WHERE used_at IS NULL
    ORDER BY draw_order LIMIT %(count)s
    FOR UPDATE SKIP LOCKED
))
RETURNING resident_code;

-- stock --
-- How many codes nobody bears yet, and how many ever came
SELECT count(*) FILTER (WHERE used_at IS NULL), count(*) FROM code_stock;
