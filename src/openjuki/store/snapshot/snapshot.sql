-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- present --
-- How far the journal is, and when that is
SELECT size, root, clock_timestamp() FROM tree;

-- applied --
-- What the journal says of admitted notices, from an index on and below another; erased rows say nothing
SELECT index, payload FROM journal
WHERE kind = 'notice.applied' AND index >= %(first)s AND index < %(end)s AND payload IS NOT NULL
ORDER BY index LIMIT %(limit)s;

-- waiting --
-- The last of what waits for an index, if anything does
SELECT max(id) FROM journal_pending;

-- still_waiting --
-- Whether something up to there still waits
SELECT EXISTS (SELECT FROM journal_pending WHERE id <= %(last)s);

-- persons --
-- Everybody as their current stay leaves them, with the reason for which it is deleted
COPY (
    SELECT record.resident_code, record.individual_number, record.name, record.furigana, record.former_surname,
        record.former_surname_furigana, record.alias, record.birth_date, record.birth_date_recorded, record.sex,
        record.municipality, record.address, record.reason, record.date_of_change,
        CASE WHEN person.state <> 'resident' THEN (
            SELECT deleting.reason FROM record AS deleting
            WHERE deleting.person_id = person.person_id AND deleting.stay = person.stay
                AND deleting.reason IN ('D01', 'D02', 'D03', 'D04', 'D05', 'D06')
            ORDER BY deleting.version DESC LIMIT 1
        ) END,
        record.stay, record.version
    FROM person JOIN record USING (person_id, stay, version)
    ORDER BY record.resident_code
) TO STDOUT (FORMAT CSV);

-- stays --
-- The latest version of every stay that is not current: without its items where only a notice can make it so
COPY (
    SELECT bearer, resident_code, individual_number, name, furigana, former_surname, former_surname_furigana, alias,
        birth_date, birth_date_recorded, sex, municipality, address, reason, date_of_change, closing, stay, version, closing IS NULL OR stay > current_stay
    FROM (
        SELECT bearer.resident_code AS bearer, told.*, last_entry_or_deletion.closing,
            person.stay AS current_stay
        FROM person
        JOIN record AS bearer USING (person_id, stay, version)
        JOIN record AS told ON told.person_id = person.person_id AND told.stay <> person.stay
        CROSS JOIN LATERAL (
            SELECT CASE WHEN told_before.reason LIKE 'D%' THEN told_before.reason END AS closing
            FROM record AS told_before
            WHERE told_before.person_id = told.person_id AND told_before.stay = told.stay
                AND (told_before.reason LIKE 'A%' OR told_before.reason LIKE 'D%')
            ORDER BY told_before.version DESC LIMIT 1
        ) AS last_entry_or_deletion
        WHERE NOT EXISTS (
            SELECT FROM record AS later
            WHERE later.person_id = told.person_id AND later.stay = told.stay AND later.version > told.version
        )
    ) AS other
    ORDER BY bearer, stay
) TO STDOUT (FORMAT CSV);

-- codes --
-- Codes that lead to somebody who bears another one now, and codes that are no longer good
COPY (
    SELECT led.resident_code, bearer.resident_code, led.until IS NOT NULL
    FROM code_succession AS led
    JOIN person USING (person_id)
    JOIN record AS bearer USING (person_id, stay, version)
    WHERE led.resident_code <> bearer.resident_code OR led.until IS NOT NULL
    ORDER BY led.resident_code
) TO STDOUT (FORMAT CSV);

-- numbers --
-- Every individual number that leads to somebody
COPY (
    SELECT led.individual_number, bearer.resident_code, led.until IS NOT NULL
    FROM number_succession AS led
    JOIN person USING (person_id)
    JOIN record AS bearer USING (person_id, stay, version)
    ORDER BY led.individual_number
) TO STDOUT (FORMAT CSV);
