-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- by_code --
-- Whose codes these are, or were
SELECT resident_code, person_id FROM code_succession WHERE resident_code = ANY(%(codes)b);

-- by_number --
-- Whose numbers these are, or were
SELECT individual_number, person_id FROM number_succession WHERE individual_number = ANY(%(numbers)b);

-- lock --
-- Hold these persons until the end of the transaction; always in the same order, so that nobody waits in a circle
SELECT person_id, stay, version FROM person WHERE person_id = ANY(%(persons)b) ORDER BY person_id FOR NO KEY UPDATE;

-- notices --
-- What of every admitted notice of these persons the fold needs, in its order
SELECT person_id, stay, version, municipality, reason, date_of_change, recorded_at, resident_code, individual_number,
    birth_date, sex, predecessor_municipality, predecessor_stay, digest
FROM record
WHERE person_id = ANY(%(persons)b)
ORDER BY person_id, stay, version;

-- person_ids --
-- Take blocks of 1,000 person ids
SELECT nextval('person_block') FROM generate_series(1, %(blocks)s);

-- add_records --
-- Keep admitted notices
COPY record (
    person_id, stay, version, reason, date_of_change, recorded_at, previous_resident_code, previous_individual_number,
    predecessor_municipality, predecessor_stay, resident_code, individual_number, name, furigana, former_surname,
    former_surname_furigana, alias, birth_date, birth_date_recorded, sex, municipality, address, origin, received_at,
    digest
) FROM STDIN (FORMAT BINARY);

-- add_codes --
-- Codes that lead to a person from now on
COPY code_succession (resident_code, person_id, since) FROM STDIN (FORMAT BINARY);

-- add_numbers --
-- Numbers that lead to a person from now on
COPY number_succession (individual_number, person_id, since) FROM STDIN (FORMAT BINARY);

-- end_codes --
-- Codes that a change of code has ended (法30条の4)
UPDATE code_succession SET until = ended.until
FROM unnest(%(codes)s::text[], %(untils)s::timestamptz[]) AS ended (resident_code, until)
WHERE code_succession.resident_code = ended.resident_code AND code_succession.until IS NULL;

-- end_numbers --
-- Numbers that a change of number has ended (番号法7条2項)
UPDATE number_succession SET until = ended.until
FROM unnest(%(numbers)s::text[], %(untils)s::timestamptz[]) AS ended (individual_number, until)
WHERE number_succession.individual_number = ended.individual_number AND number_succession.until IS NULL;

-- await_tellers --
-- Wait until it is written who was told about by those who are at it; who comes later finds one person (accept_all)
SELECT pg_advisory_xact_lock(1);

-- unite_codes --
-- The codes of somebody who turned out to be somebody known; every one of them stands in a notice
UPDATE code_succession SET person_id = united.known
FROM unnest(%(others)s::bigint[], %(known)s::bigint[]) AS united (other, known)
WHERE code_succession.person_id = united.other AND code_succession.resident_code = ANY(ARRAY(
    SELECT resident_code FROM record WHERE person_id = ANY(%(others)s)
    UNION SELECT previous_resident_code FROM record WHERE person_id = ANY(%(others)s)
));

-- unite_numbers --
-- Likewise the numbers
UPDATE number_succession SET person_id = united.known
FROM unnest(%(others)s::bigint[], %(known)s::bigint[]) AS united (other, known)
WHERE number_succession.person_id = united.other AND number_succession.individual_number = ANY(ARRAY(
    SELECT individual_number FROM record WHERE person_id = ANY(%(others)s)
    UNION SELECT previous_individual_number FROM record WHERE person_id = ANY(%(others)s)
));

-- unite_records --
-- Then the notices
UPDATE record SET person_id = united.known
FROM unnest(%(others)s::bigint[], %(known)s::bigint[]) AS united (other, known)
WHERE record.person_id = united.other;

-- unite_provisions --
-- Likewise what was told about them
UPDATE provision_person SET person_id = united.known
FROM unnest(%(others)s::bigint[], %(known)s::bigint[]) AS united (other, known)
WHERE provision_person.person_id = united.other;

-- forget_their_names --
-- Then the second identity's names
DELETE FROM other_name WHERE holder = ANY(%(others)s);

-- forget_persons --
-- And the second identity itself
DELETE FROM person WHERE person_id = ANY(%(others)s);
