-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- enter --
-- A resident is protected from now on
INSERT INTO protective_measure (resident_number, since, until, provisional, office, entered_at)
VALUES (%(resident)s, %(since)s, %(until)s, %(provisional)s, %(office)s, %(at)s)
RETURNING id;

-- lift --
-- What stands for a resident on a day, or is to begin, ends
UPDATE protective_measure SET lifted_at = %(at)s
WHERE resident_number = %(resident)s AND until >= %(on)s AND lifted_at IS NULL
RETURNING id;

-- standing --
-- What stands for a resident on a day or is to begin, the last to end first
SELECT id, since, until, provisional FROM protective_measure
WHERE resident_number = %(resident)s AND until >= %(on)s AND lifted_at IS NULL
ORDER BY until DESC, id DESC;

-- protected --
-- Whether the present bearer of a code is a resident of this book whom nothing protects on a day
SELECT EXISTS (
    SELECT FROM protective_measure
    WHERE protective_measure.resident_number = resident.resident_number AND lifted_at IS NULL
        AND since <= %(on)s AND until >= %(on)s
)
FROM resident WHERE resident_code = %(code)s;
