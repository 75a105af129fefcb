-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- append --
-- Put what has happened before the sequencer, in this order; rows follow in binary COPY format
COPY journal_pending (kind, recorded_at, commitment, salt, payload, recipients) FROM STDIN (FORMAT BINARY);

-- append_one --
-- Likewise, where it is one thing that has happened
INSERT INTO journal_pending (kind, recorded_at, commitment, salt, payload, recipients)
VALUES (%(kind)s, %(recorded_at)s, %(commitment)b, %(salt)b, %(payload)b, %(recipients)b::text[]);

-- head --
-- The tree as it stands
SELECT size, root, frontier FROM tree;

-- waits --
-- Whether anything waits for an index; in order, for the index passes over what was taken, and a scan does not
SELECT 1 FROM journal_pending ORDER BY id LIMIT 1;

-- pending --
-- What waits for an index, in order
SELECT id, kind, recorded_at, commitment, recipients FROM journal_pending ORDER BY id LIMIT %(limit)s;

-- advance --
-- Extend the tree, unless another sequencer was first
UPDATE tree SET size = %(size)s, root = %(root)s, frontier = %(frontier)s WHERE size = %(before)s;

-- settle --
-- Write the rows that got their index into the book
INSERT INTO journal (index, kind, recorded_at, leaf, salt, payload)
SELECT %(first)s + given.place - 1, pending.kind, pending.recorded_at, given.leaf, pending.salt, pending.payload
FROM unnest(%(ids)b::bigint[], %(leaves)b::bytea[]) WITH ORDINALITY AS given (id, leaf, place)
JOIN journal_pending AS pending USING (id);

-- settled --
-- Take them from the waiting
DELETE FROM journal_pending WHERE id = ANY(%(ids)b::bigint[]);

-- take_numbers --
-- Take the next numbers of each link, making a link that is new
INSERT INTO link (recipient, next_seq)
SELECT recipient, 1 + amount FROM unnest(%(recipients)s::text[], %(amounts)s::bigint[]) AS taken (recipient, amount)
ON CONFLICT (recipient) DO UPDATE SET next_seq = link.next_seq + excluded.next_seq - 1
RETURNING recipient, next_seq;

-- enter --
-- Put numbered entries on their links
INSERT INTO link_entry (recipient, seq, journal_index)
SELECT * FROM unnest(%(recipients)s::text[], %(seqs)s::bigint[], %(indexes)s::bigint[]);

-- read --
-- Rows of the book from an index on
SELECT index, kind, recorded_at, leaf, salt, payload FROM journal WHERE index >= %(first)s ORDER BY index LIMIT %(limit)s;
