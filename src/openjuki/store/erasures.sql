-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- online --
-- A question of an envelope, as long as anything is written of it; a leaf begins {"commitment":"…
SELECT envelope_id, envelope.commitment, place, asker, envelope, at, retention
FROM journal
JOIN provision_envelope AS envelope
    ON at = recorded_at AND envelope.commitment = decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex')
JOIN provision ON envelope_id = envelope.id
WHERE index = %(index)s AND kind = 'provision.envelope' AND place = %(place)s AND provision.payload IS NOT NULL;

-- erase_row --
-- Take away what is written of it
UPDATE provision SET payload = NULL, salt = NULL
WHERE envelope_id = %(envelope)s AND place = %(place)s AND payload IS NOT NULL;

-- erase_persons --
-- And whom it was about
DELETE FROM provision_person WHERE envelope_id = %(envelope)s AND place = %(place)s;

-- part_at --
-- The part whose row in the journal this is
SELECT part, commitment FROM journal
JOIN provision_part ON at = recorded_at AND commitment = decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex')
WHERE index = %(index)s AND kind = 'provision.part';

-- note --
-- Put down which provision's record was erased
INSERT INTO provision_erasure (commitment, place, in_bulk, asker, envelope, at)
VALUES (%(commitment)s, %(place)s, %(in_bulk)s, %(asker)s, %(envelope)s, %(at)s);

-- bearer --
-- Who bears or bore a code, held until the end, where they stand, when something came in last, and all codes of their notices
SELECT person_id, state,
    (SELECT max(received_at) FROM record WHERE record.person_id = person.person_id),
    ARRAY(
        SELECT resident_code::text FROM code_succession AS bears
        WHERE bears.person_id = person.person_id AND resident_code = ANY(ARRAY(
            SELECT resident_code FROM record WHERE record.person_id = person.person_id
            UNION SELECT previous_resident_code FROM record WHERE record.person_id = person.person_id
        ))
        ORDER BY 1
    )
FROM person
WHERE person_id = (SELECT person_id FROM code_succession WHERE resident_code = %(code)s)
FOR UPDATE;

-- unsequenced --
-- Whether a notice that names one of these codes waits for its index
SELECT EXISTS (
    SELECT FROM journal_pending, unnest(%(codes)s::text[]) AS code
    WHERE kind = 'notice.applied' AND position(convert_to('"' || code || '"', 'UTF8') IN payload) > 0
);

-- forget_notices --
-- Take away what the rows of the journal say of notices that name one of these codes
UPDATE journal SET payload = NULL, salt = NULL
WHERE kind = 'notice.applied' AND payload IS NOT NULL AND EXISTS (
    SELECT FROM unnest(%(codes)s::text[]) AS code
    WHERE position(convert_to('"' || code || '"', 'UTF8') IN payload) > 0
);

-- forget_names --
-- Likewise the keys by which somebody was found
DELETE FROM other_name WHERE holder = %(person)s;

-- forget_numbers --
-- The numbers that led to them
DELETE FROM number_succession WHERE person_id = %(person)s AND individual_number = ANY(ARRAY(
    SELECT individual_number FROM record WHERE person_id = %(person)s
    UNION SELECT previous_individual_number FROM record WHERE person_id = %(person)s
));

-- forget_codes --
-- The codes that led to them
DELETE FROM code_succession WHERE person_id = %(person)s AND resident_code = ANY(%(codes)s::text[]);

-- forget_records --
-- What every notice said
DELETE FROM record WHERE person_id = %(person)s;

-- forget_person --
-- And where they stood
DELETE FROM person WHERE person_id = %(person)s;
