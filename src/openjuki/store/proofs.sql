-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- roots --
-- Roots of full tiles
SELECT level, index, root FROM tile JOIN unnest(%(levels)s::smallint[], %(indexes)s::bigint[]) AS wanted (level, index)
    USING (level, index);

-- leaf_hashes --
-- Hashes of leaves, one after the other in the order of the book, and how many were found
SELECT string_agg(sha256('\x00'::bytea || leaf), ''::bytea ORDER BY index), count(*)
FROM journal WHERE index = ANY(%(indexes)b::bigint[]);

-- missing --
-- The first of these rows that the book lacks
SELECT min(wanted.index) FROM unnest(%(indexes)b::bigint[]) AS wanted (index) LEFT JOIN journal USING (index)
WHERE journal.index IS NULL;
