-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- entered --
-- Persons with an entry into a further stay that was recorded in an interval
SELECT DISTINCT person_id FROM record
WHERE version = 1 AND stay > 1 AND recorded_at >= %(since)s AND recorded_at < %(until)s
ORDER BY person_id;
