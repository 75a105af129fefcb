-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- ask --
-- Note that residents need a number; who is waiting already goes on waiting
INSERT INTO number_request (resident_number, reason, requested_at)
SELECT number, %(reason)s, %(at)s FROM unnest(%(residents)s::text[]) AS asked (number)
ON CONFLICT (resident_number) DO NOTHING;

-- awaited --
-- Who waits for a number, the longest first, with the code and the number there is
SELECT resident_number, reason, resident_code, individual_number
FROM number_request JOIN resident USING (resident_number)
ORDER BY requested_at, resident_number
LIMIT %(limit)s OFFSET %(passed)s;

-- answered --
-- Who has got one
DELETE FROM number_request WHERE resident_number = ANY(%(residents)s);
