-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- hold --
-- Put refused notices, and those behind them, on the shelf; what lies there already gets another code
INSERT INTO held (origin, seq, resident_code, code, notice, held_at)
SELECT * FROM unnest(
    %(origins)s::text[], %(seqs)s::bigint[], %(resident_codes)s::text[], %(codes)s::text[], %(notices)b::bytea[],
    %(held_ats)s::timestamptz[]
)
ON CONFLICT (origin, seq) DO UPDATE SET code = excluded.code;

-- held_behind --
-- Which of these codes have something on the shelf
SELECT DISTINCT resident_code FROM held WHERE released_at IS NULL AND resident_code = ANY(%(codes)s);

-- shelf --
-- What lies on the shelf for these codes
SELECT origin, seq, resident_code, code, notice, held_at FROM held
WHERE released_at IS NULL AND resident_code = ANY(%(codes)s)
ORDER BY origin, seq;

-- whole_shelf --
-- What lies on the shelf
SELECT origin, seq, resident_code, code, notice, held_at FROM held WHERE released_at IS NULL ORDER BY origin, seq;

-- release --
-- Take notices from the shelf
UPDATE held SET released_at = %(at)s
FROM unnest(%(origins)s::text[], %(seqs)s::bigint[]) AS given (origin, seq)
WHERE held.origin = given.origin AND held.seq = given.seq AND held.released_at IS NULL;
