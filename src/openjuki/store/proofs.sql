-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- roots --
-- Roots of full tiles
SELECT level, index, root FROM tile JOIN unnest(%(levels)s::smallint[], %(indexes)s::bigint[]) AS wanted (level, index)
    USING (level, index);

-- leaves --
-- Leaves of the book
SELECT index, leaf FROM journal WHERE index = ANY(%(indexes)s::bigint[]);
