-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- accept_once --
-- Remember an envelope; no row: it was accepted before
INSERT INTO seen_envelope (sender, id, expires) VALUES (%(sender)s, %(id)s, %(expires)s) ON CONFLICT DO NOTHING;

-- accept_all --
-- Remember envelopes; not returned are those that were accepted before, be it so long ago that only what was provided says so
INSERT INTO seen_envelope (sender, id, expires)
SELECT came.* FROM unnest(%(senders)s::text[], %(ids)s::text[], %(expiries)s::timestamptz[]) AS came (sender, id, expires)
-- nobody becomes one with somebody else before it is written who was told about (await_tellers)
CROSS JOIN pg_advisory_xact_lock_shared(1)
WHERE NOT EXISTS (SELECT FROM provision_envelope WHERE asker = came.sender AND envelope = came.id)
ON CONFLICT DO NOTHING
RETURNING sender, id;

-- forget_expired --
-- Forget envelopes that would be refused for their age anyway
DELETE FROM seen_envelope WHERE expires < %(at)s;

-- link --
-- How far a recipient has taken in its link, and the number the next entry will have
SELECT acknowledged, next_seq, journal FROM link WHERE recipient = %(recipient)s;

-- acknowledge --
-- The recipient is known to have everything up to a number
UPDATE link SET acknowledged = %(seq)s WHERE recipient = %(recipient)s AND acknowledged < %(seq)s;

-- drop_batches --
-- Throw away formed batches the recipient has
DELETE FROM link_batch WHERE recipient = %(recipient)s AND last_seq <= %(seq)s;

-- outlived --
-- Of each link the last number up to which what was passed on has been kept long enough; so many at a time
SELECT recipient, max(seq)
FROM (
    SELECT entry.recipient, entry.seq,
        bool_and(journal.recorded_at < %(before)s) OVER (PARTITION BY entry.recipient ORDER BY entry.seq) AS all_old
    FROM link CROSS JOIN LATERAL (
        SELECT * FROM link_entry
        WHERE recipient = link.recipient AND seq > link.erased AND seq <= link.acknowledged
        ORDER BY seq LIMIT %(limit)s
    ) AS entry
    JOIN journal ON journal.index = entry.journal_index
    WHERE link.erased < link.acknowledged
) AS kept
WHERE all_old
GROUP BY recipient;

-- erase_passed --
-- Erase what was kept only to be passed on to this recipient; the leaf stays
UPDATE journal SET salt = NULL, payload = NULL
FROM link_entry AS entry JOIN link USING (recipient)
WHERE entry.recipient = %(recipient)s AND entry.seq > link.erased AND entry.seq <= %(seq)s
    AND journal.index = entry.journal_index AND journal.kind = ANY(%(passed)s);

-- erased --
-- So far it is erased
UPDATE link SET erased = %(seq)s WHERE recipient = %(recipient)s;

-- waiting --
-- What waits on a link after a number, as much as there is room for and at least one entry
SELECT seq, kind, payload
FROM (
    SELECT entry.seq, journal.kind, journal.payload,
        sum(octet_length(journal.payload)) OVER (ORDER BY entry.seq) AS total
    FROM link_entry AS entry JOIN journal ON journal.index = entry.journal_index
    WHERE entry.recipient = %(recipient)s AND entry.seq > %(after)s
    ORDER BY entry.seq
    LIMIT %(limit)s
) AS next
WHERE total <= %(room)s OR seq = %(after)s + 1
ORDER BY seq;

-- batches --
-- Formed batches from a number on
SELECT first_seq, last_seq, document FROM link_batch
WHERE recipient = %(recipient)s AND first_seq > %(after)s
ORDER BY first_seq;

-- keep_batch --
-- Keep a formed batch until the recipient has it
INSERT INTO link_batch (recipient, first_seq, last_seq, document)
VALUES (%(recipient)s, %(first)s, %(last)s, %(document)s);

-- read_mark --
-- How far this node has taken in a sender's link
SELECT seq, size, root, journal FROM mark WHERE sender = %(sender)s;

-- advance_mark --
-- Move the mark from where it was, unless another worker did
INSERT INTO mark (sender, seq, size, root, journal, updated_at)
VALUES (%(sender)s, %(seq)s, %(size)s, %(root)s, %(journal)s, %(at)s)
ON CONFLICT (sender) DO UPDATE
SET seq = excluded.seq, size = excluded.size, root = excluded.root, journal = excluded.journal,
    updated_at = excluded.updated_at
WHERE mark.seq = %(before_seq)s AND mark.size = %(before_size)s AND mark.journal = %(before_journal)s;

-- origin_marks --
-- The last notice taken in of each municipality
SELECT origin, seq FROM origin_mark WHERE origin = ANY(%(origins)s);

-- advance_origin --
-- Move a municipality's mark forwards
INSERT INTO origin_mark (origin, seq) VALUES (%(origin)s, %(seq)s)
ON CONFLICT (origin) DO UPDATE SET seq = excluded.seq WHERE origin_mark.seq = %(before)s;

-- sent --
-- Every link of this node's: the last number given, and the last that its recipient has
SELECT recipient, next_seq - 1, acknowledged FROM link ORDER BY recipient;

-- marks --
-- How far this node has taken in every link it pulls
SELECT sender, seq, size, root, journal, updated_at FROM mark ORDER BY sender;
