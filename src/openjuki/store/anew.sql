-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- take_back --
-- Take entries from a link that are not known to be with the recipient
DELETE FROM link_entry WHERE recipient = %(recipient)s AND seq > %(after)s RETURNING seq, journal_index;

-- forget_batches --
-- Throw away every formed batch: its numbers were others
DELETE FROM link_batch WHERE recipient = %(recipient)s;

-- go_on --
-- Let the numbers of a link go on, in a journal that was begun anew
INSERT INTO link (recipient, next_seq, acknowledged, journal)
VALUES (%(recipient)s, %(next_seq)s, %(acknowledged)s, %(journal)s)
ON CONFLICT (recipient) DO UPDATE
SET next_seq = excluded.next_seq, acknowledged = excluded.acknowledged, journal = excluded.journal;

-- begun --
-- Whether a journal was begun
SELECT 1 FROM journal_begun WHERE number = %(number)s;

-- begin --
-- A journal is begun anew, with what stands in the book
INSERT INTO journal_begun (number, size, root, begun_at) VALUES (%(number)s, %(size)s, %(root)s, %(at)s)
ON CONFLICT DO NOTHING;

-- link --
-- How a link stands; nobody else lets it go on meanwhile
SELECT acknowledged, next_seq, journal FROM link WHERE recipient = %(recipient)s FOR UPDATE;

-- enter --
-- Put entries on a link again
INSERT INTO link_entry (recipient, seq, journal_index)
SELECT %(recipient)s, * FROM unnest(%(seqs)s::bigint[], %(indexes)s::bigint[]);
