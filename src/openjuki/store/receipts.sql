-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- receipted --
-- Answers have arrived; says which of them nobody had receipted before
UPDATE provision_envelope SET receipted_at = %(at)s
WHERE asker = %(asker)s AND envelope = ANY(%(envelopes)s::text[]) AND receipted_at IS NULL
RETURNING envelope;

-- known --
-- Envelopes of an asker that were answered
SELECT envelope FROM provision_envelope WHERE asker = %(asker)s AND envelope = ANY(%(envelopes)s::text[]);

-- outstanding --
-- What was answered before a time and is not receipted, by asker; a provider needs no receipt of its own
SELECT asker, count(*), sum(questions), min(at), (array_agg(envelope ORDER BY at, envelope))[:1000]
FROM provision_envelope
WHERE receipted_at IS NULL AND at < %(before)s AND asker <> %(provider)s
GROUP BY asker ORDER BY min(at), asker;

-- leaves --
-- Rows about what was provided, by time and commitment; a leaf begins {"commitment":"… Each kind has an index of its own
SELECT wanted.commitment, journal.index, journal.leaf
FROM unnest(%(times)s::timestamptz[], %(commitments)s::bytea[]) AS wanted (time, commitment)
JOIN journal ON journal.recorded_at = wanted.time
    AND substr(journal.leaf, 16, 64) = convert_to(encode(wanted.commitment, 'hex'), 'UTF8')
WHERE journal.kind = 'provision.envelope'
UNION ALL
SELECT wanted.commitment, journal.index, journal.leaf
FROM unnest(%(times)s::timestamptz[], %(commitments)s::bytea[]) AS wanted (time, commitment)
JOIN journal ON journal.recorded_at = wanted.time
    AND substr(journal.leaf, 16, 64) = convert_to(encode(wanted.commitment, 'hex'), 'UTF8')
WHERE journal.kind = 'provision.part';

-- to_receipt --
-- Envelopes that were answered and are not receipted, the oldest first
SELECT id FROM ledger_envelope WHERE receipted_at IS NULL AND provider = %(provider)s
ORDER BY received_at LIMIT %(limit)s;

-- told --
-- The provider knows that they have arrived
UPDATE ledger_envelope SET receipted_at = %(at)s WHERE id = ANY(%(envelopes)s::text[]);

-- to_prove --
-- Promises that nobody has seen kept, the oldest first; those that raised an alarm are somebody's to look at
SELECT id, told_at, promise FROM ledger_envelope
WHERE proved_at IS NULL AND provider = %(provider)s AND received_at < %(before)s
    AND NOT EXISTS (
        SELECT FROM alarm WHERE alarm.kind = 'promise-broken' AND alarm.detail ->> 'envelope' = ledger_envelope.id
    )
ORDER BY received_at LIMIT %(limit)s;

-- proved --
-- Their promises were seen kept
UPDATE ledger_envelope SET proved_at = %(at)s WHERE id = ANY(%(envelopes)s::text[]);
