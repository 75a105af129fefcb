-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- book --
-- How a book stands: its tree, and the time of the oldest change without an index
SELECT size, root, (SELECT recorded_at FROM journal_pending ORDER BY id LIMIT 1) FROM tree;

-- signed --
-- The newest checkpoint, and since when the oldest entry beyond it waits for a signature
SELECT checkpoint.size, checkpoint.signed_at,
    (SELECT recorded_at FROM journal WHERE index = checkpoint.size)
FROM checkpoint ORDER BY checkpoint.size DESC LIMIT 1;

-- cosigned --
-- What each witness cosigned last
SELECT DISTINCT ON (witness) witness, size, cosigned_at FROM cosignature ORDER BY witness, size DESC;

-- reaches --
-- How far this book's links reach, by recipient
SELECT recipient, next_seq - 1 FROM link;

-- marks --
-- How far this node has taken in others' links, by sender
SELECT sender, seq FROM mark;

-- waiting_since --
-- When what waits first on a link was recorded
SELECT journal.recorded_at
FROM link_entry AS entry JOIN journal ON journal.index = entry.journal_index
WHERE entry.recipient = %(recipient)s AND entry.seq = %(seq)s;

-- held --
-- Notices on the shelf: whose, which, and why; never of whom
SELECT origin, seq, code, held_at FROM held WHERE released_at IS NULL ORDER BY held_at DESC LIMIT 8;

-- count_held --
-- How many notices lie on the shelf
SELECT count(*) FROM held WHERE released_at IS NULL;

-- alarms --
-- What somebody must look at, the newest first
SELECT id, kind, detail, raised_at FROM alarm WHERE settled_at IS NULL ORDER BY id DESC LIMIT 8;

-- last_notice --
-- The last notice of a town, by the number on its link
SELECT coalesce(max(seq), 0) FROM link_entry WHERE recipient = %(recipient)s;

-- issued --
-- Notices of a town after a number: which, and when they were recorded
SELECT entry.seq, journal.index, journal.recorded_at
FROM link_entry AS entry JOIN journal ON journal.index = entry.journal_index
WHERE entry.recipient = %(recipient)s AND entry.seq > %(after)s
ORDER BY entry.seq LIMIT 200;

-- applied --
-- Notices that an upper tier took in from an index on: whose, which, and when
SELECT index, convert_from(payload, 'UTF8')::jsonb ->> 'origin',
    (convert_from(payload, 'UTF8')::jsonb ->> 'seq')::bigint, recorded_at
FROM journal
WHERE index >= %(first)s AND index < %(size)s AND kind = 'notice.applied' AND payload IS NOT NULL
ORDER BY index DESC LIMIT 200;

-- answered --
-- What a provider answered between two sizes of its book, one at a time and in bulk: to whom, for what, and with what
-- result; never about whom
WITH said AS MATERIALIZED (
    SELECT kind, convert_from(payload, 'UTF8')::jsonb AS row FROM journal
    WHERE index >= %(first)s AND index < %(size)s AND kind IN ('provision.envelope', 'provision.part')
)
SELECT asker, affair, result, through IS NOT NULL, false, count(*)
FROM said JOIN provision_envelope AS envelope ON (asker, envelope) = (row ->> 'asker', row ->> 'envelope')
JOIN provision ON envelope_id = envelope.id
WHERE kind = 'provision.envelope'
GROUP BY 1, 2, 3, 4
UNION ALL
SELECT row ->> 'asker', row ->> 'affair', result, row ->> 'through' IS NOT NULL, true, sum(number::bigint)::bigint
FROM said CROSS JOIN LATERAL jsonb_each_text(row -> 'results') AS counted (result, number)
WHERE kind = 'provision.part'
GROUP BY 1, 2, 3, 4;
