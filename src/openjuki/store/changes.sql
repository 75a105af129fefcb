-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- applied --
-- Notices that were taken in between two sizes of the journal
SELECT index, payload FROM journal
WHERE index >= %(after)s AND index < %(until)s AND kind = 'notice.applied'
ORDER BY index LIMIT %(limit)s;

-- persons --
-- Whose codes these are, or were
SELECT resident_code, person_id FROM code_succession WHERE resident_code = ANY(%(codes)b);

-- recorded --
-- Everything that is recorded of these persons, in the order in which it was received
SELECT record.person_id, record.received_at,
    record.stay, record.version, record.municipality, record.reason, record.date_of_change, record.recorded_at,
    record.resident_code, record.individual_number, record.birth_date, record.sex, record.predecessor_municipality,
    record.predecessor_stay, record.digest,
    record.name, record.furigana, record.former_surname, record.former_surname_furigana, record.alias,
    coalesce(record.birth_date_recorded, record.birth_date::text), record.address
FROM record WHERE person_id = ANY(%(persons)b)
ORDER BY person_id, received_at, stay, version;
