-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- has_begun --
-- Whether the book has grown since this journal was begun: no size is signed under two names
SELECT tree.size > journal_begun.size FROM tree CROSS JOIN journal_begun WHERE journal_begun.number = %(journal)s;

-- leaves --
-- Leaves of the book, in order; where one is missing there are fewer than asked for
SELECT leaf FROM journal WHERE index >= %(first)s AND index < %(end)s ORDER BY index;

-- publish --
-- A checkpoint, or that the signer vouches for it anew; another root of the same size stands as it is
INSERT INTO checkpoint (size, root, note, signed_at)
VALUES (%(size)s, %(root)s, %(note)s, %(signed_at)s)
ON CONFLICT (size) DO UPDATE SET note = excluded.note, signed_at = excluded.signed_at WHERE checkpoint.root = excluded.root;

-- latest --
-- The newest checkpoint with its cosignatures
SELECT size, root, note, signed_at,
    ARRAY(SELECT line FROM cosignature WHERE cosignature.size = checkpoint.size ORDER BY witness)
FROM checkpoint ORDER BY size DESC LIMIT 1;

-- latest_cosigned --
-- The newest checkpoint that a witness has confirmed, with its cosignatures
SELECT size, root, note, signed_at,
    ARRAY(SELECT line FROM cosignature WHERE cosignature.size = checkpoint.size ORDER BY witness)
FROM checkpoint JOIN (SELECT max(size) AS size FROM cosignature) AS cosigned USING (size);

-- add_cosignature --
-- A witness's line, or its newer one
INSERT INTO cosignature (size, witness, line, cosigned_at)
VALUES (%(size)s, %(witness)s, %(line)s, %(at)s)
ON CONFLICT (size, witness) DO UPDATE SET line = excluded.line, cosigned_at = excluded.cosigned_at;

-- cosigned --
-- What each witness has confirmed last, and when
SELECT testimony.witness, last.size, last.cosigned_at FROM testimony
CROSS JOIN LATERAL (
    SELECT size, cosigned_at FROM cosignature WHERE cosignature.witness = testimony.witness ORDER BY size DESC LIMIT 1
) AS last ORDER BY testimony.witness;

-- put_tiles --
-- Full tiles; one that is there already stays
INSERT INTO tile (level, index, hashes, root)
SELECT * FROM unnest(%(levels)b::smallint[], %(indexes)b::bigint[], %(hashes)b::bytea[], %(roots)b::bytea[])
ON CONFLICT DO NOTHING;

-- other_tiles --
-- Which of these tiles say something else
SELECT level, index FROM tile
JOIN unnest(%(levels)b::smallint[], %(indexes)b::bigint[], %(hashes)b::bytea[]) AS given (level, index, hashes)
USING (level, index)
WHERE tile.hashes <> given.hashes ORDER BY level, index;

-- tiles --
-- The hashes of these tiles, as far as they are there
SELECT level, index, hashes FROM tile
JOIN unnest(%(levels)b::smallint[], %(indexes)b::bigint[]) AS wanted (level, index) USING (level, index);

-- tile_roots --
-- Roots of a run of tiles of a level, in order
SELECT root FROM tile WHERE level = %(level)s AND index >= %(first)s AND index < %(end)s ORDER BY index;

-- witnessed --
-- What this node has cosigned last for another's journal; nobody else judges that journal meanwhile
SELECT size, root, note, cosigned_at FROM witnessed WHERE origin = %(origin)s FOR UPDATE;

-- remember_first --
-- What this node cosigns for another's journal, the first time; two at once are one too many
INSERT INTO witnessed (origin, size, root, note, cosigned_at)
VALUES (%(origin)s, %(size)s, %(root)s, %(note)s, %(at)s);

-- remember --
-- What this node cosigns for another's journal
UPDATE witnessed SET size = %(size)s, root = %(root)s, note = %(note)s, cosigned_at = %(at)s
WHERE origin = %(origin)s;

-- testify --
-- What a witness says that it has cosigned last for us
INSERT INTO testimony (witness, size, note, heard_at) VALUES (%(witness)s, %(size)s, %(note)s, %(at)s)
ON CONFLICT (witness) DO UPDATE SET size = excluded.size, note = excluded.note, heard_at = excluded.heard_at;

-- testimonies --
-- What every witness said last
SELECT witness, size, note, heard_at FROM testimony ORDER BY witness;

-- began --
-- When the book's first entry was made
SELECT recorded_at FROM journal WHERE index = 0;
