-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- head --
-- The tree as it stands, how far the rows of the book reach, and the largest checkpoint that the tree can have
SELECT size, root, frontier,
    (SELECT coalesce(max(index) + 1, 0) FROM journal), (SELECT count(*) FROM journal),
    (SELECT coalesce(max(checkpoint.size), 0) FROM checkpoint WHERE checkpoint.size <= tree.size)
FROM tree;

-- rows --
-- Rows of the book, with what salt and payload commit to where they still are there; a time that no leaf can have stays one
SELECT index, kind, least(greatest(recorded_at, '0002-01-01 00:00+00'), '9999-12-01 00:00+00'), leaf, sha256(salt || payload)
FROM journal WHERE index >= %(first)s AND index < %(end)s ORDER BY index;

-- tile --
-- A full tile, and the root that was written beside it
SELECT hashes, root FROM tile WHERE level = %(level)s AND index = %(index)s;

-- newest --
-- Newest checkpoints below a size
SELECT size, note FROM checkpoint WHERE size < %(below)s ORDER BY size DESC LIMIT %(limit)s;

-- checkpoints --
-- Checkpoints above a size, each with its cosignatures
SELECT size, root, note,
    ARRAY(SELECT witness FROM cosignature WHERE cosignature.size = checkpoint.size ORDER BY witness),
    ARRAY(SELECT line FROM cosignature WHERE cosignature.size = checkpoint.size ORDER BY witness)
FROM checkpoint WHERE size > %(above)s ORDER BY size LIMIT %(limit)s;

-- orphans --
-- Sizes that were cosigned and whose checkpoints are not there
SELECT DISTINCT size FROM cosignature
WHERE NOT EXISTS (SELECT FROM checkpoint WHERE checkpoint.size = cosignature.size) ORDER BY size LIMIT %(limit)s;
