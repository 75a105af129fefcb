-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- keep --
-- Keep a certificate under each of the person's codes; a newer copy takes the place of the one before
INSERT INTO certificate_of_moving_out (resident_code, sender, stay, planned_on, letter, received_at)
SELECT resident_code, %(sender)s, %(stay)s, %(planned_on)s, %(letter)s, %(at)s
FROM unnest(%(resident_codes)s::text[]) AS borne (resident_code)
ON CONFLICT (resident_code, sender, stay)
DO UPDATE SET planned_on = excluded.planned_on, letter = excluded.letter, received_at = excluded.received_at;

-- find --
-- The certificate of the latest stay that came for a code
SELECT sender, letter FROM certificate_of_moving_out
WHERE resident_code = %(resident_code)s
ORDER BY stay DESC, received_at DESC
LIMIT 1;

-- erase --
-- Erase what was kept long enough (令24条の4)
DELETE FROM certificate_of_moving_out WHERE planned_on < %(before)s;
