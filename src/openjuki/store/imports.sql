-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- begin --
-- Begin to import a file, unless that has begun already
INSERT INTO register_import (digest, begun_at) VALUES (%(digest)s, %(at)s)
ON CONFLICT (digest) WHERE finished_at IS NULL DO NOTHING;

-- unfinished --
-- The import of a file that goes on; waits for whoever is about to commit a part of it
SELECT id FROM register_import WHERE digest = %(digest)s AND finished_at IS NULL FOR UPDATE;

-- hold --
-- Nobody else takes a part of this import until the end of the transaction
SELECT id FROM register_import WHERE id = %(id)s AND finished_at IS NULL FOR UPDATE;

-- done --
-- What became of the parts of the file so far, in its order
SELECT last_row, entered, unchanged, findings FROM import_chunk
WHERE import_id = %(id)s ORDER BY last_row;

-- one_done --
-- What became of one part of the file, if it was taken in already
SELECT last_row, entered, unchanged, findings FROM import_chunk
WHERE import_id = %(id)s AND last_row = %(last_row)s;

-- mark --
-- Note what became of one part of the file
INSERT INTO import_chunk (import_id, last_row, entered, unchanged, findings)
VALUES (%(id)s, %(last_row)s, %(entered)s, %(unchanged)s, %(findings)s::jsonb);

-- finish --
-- The whole file is taken in, and reported
UPDATE register_import SET finished_at = %(at)s WHERE id = %(id)s AND finished_at IS NULL;

-- forget --
-- The parts of a finished import are of no use any more
DELETE FROM import_chunk WHERE import_id = %(id)s;
