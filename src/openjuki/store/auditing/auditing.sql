-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- standing --
-- How large the journal is, and how much of it is signed
SELECT tree.size, coalesce((SELECT max(size) FROM checkpoint), 0) FROM tree;

-- rows --
-- Rows of the journal about online provisions, counted: how many were granted, and how many were erased
SELECT count(*), count(*) FILTER (WHERE kind = 'provision.granted'), count(*) FILTER (WHERE payload IS NULL)
FROM journal WHERE index >= %(first)s AND index < %(end)s AND kind IN ('provision.granted', 'provision.refused');

-- unlisted --
-- Such rows that the record of provisions does not list; a leaf begins {"commitment":"…
SELECT index FROM journal
LEFT JOIN provision ON provision.commitment = decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex')
WHERE index >= %(first)s AND index < %(end)s AND kind IN ('provision.granted', 'provision.refused')
    AND provision.commitment IS NULL
ORDER BY index;

-- misnamed --
-- Such rows about other persons than the record lists: it must name as many, in this order, each by the row's digest of
-- one of their codes
SELECT index FROM journal
CROSS JOIN LATERAL (
    SELECT decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex') AS commitment,
        convert_from(payload, 'UTF8')::jsonb -> 'persons' AS persons
) AS said
WHERE index >= %(first)s AND index < %(end)s AND kind IN ('provision.granted', 'provision.refused')
    AND payload IS NOT NULL
    AND (
        jsonb_array_length(persons) <> (
            SELECT count(*) FROM provision_person AS told WHERE told.commitment = said.commitment
        )
        OR EXISTS (
            SELECT FROM provision_person AS told
            WHERE told.commitment = said.commitment AND NOT EXISTS (
                SELECT FROM code_succession AS bears
                WHERE bears.person_id = told.person_id
                    AND persons ->> (told.number - 1) = encode(sha256(told.salt || convert_to(bears.resident_code, 'UTF8')), 'hex')
            )
        )
    )
ORDER BY index;

-- unexplained --
-- Such rows whose content is gone, and nothing says that it was erased
SELECT index FROM journal
WHERE index >= %(first)s AND index < %(end)s AND kind IN ('provision.granted', 'provision.refused')
    AND payload IS NULL
    AND NOT EXISTS (
        SELECT FROM provision_erasure AS gone
        WHERE gone.commitment = decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex')
    )
ORDER BY index;

-- parts_unlisted --
-- Rows of the journal about parts that the log does not have
SELECT index FROM journal
LEFT JOIN provision_part AS part ON part.commitment = decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex')
    AND part.at = recorded_at
WHERE kind = 'provision.part' AND part.part IS NULL
ORDER BY index;

-- provisions_unrecorded --
-- Provisions that are listed, and are in no row of the journal
SELECT encode(commitment, 'hex') FROM provision
WHERE NOT EXISTS (
    SELECT FROM journal
    WHERE recorded_at = provision.at AND kind IN ('provision.granted', 'provision.refused')
        AND substr(leaf, 16, 64) = convert_to(encode(provision.commitment, 'hex'), 'UTF8')
) AND NOT EXISTS (SELECT FROM journal_pending AS waits WHERE waits.commitment = provision.commitment)
ORDER BY 1;

-- parts_unrecorded --
-- Parts that are in no row of the journal
SELECT part FROM provision_part
WHERE NOT EXISTS (
    SELECT FROM journal
    WHERE recorded_at = provision_part.at AND kind = 'provision.part'
        AND substr(leaf, 16, 64) = convert_to(encode(provision_part.commitment, 'hex'), 'UTF8')
) AND NOT EXISTS (SELECT FROM journal_pending AS waits WHERE waits.commitment = provision_part.commitment)
ORDER BY part;

-- envelopes_miscounted --
-- Envelopes with more or fewer questions than are listed
SELECT envelope.asker || '/' || envelope.envelope FROM provision_envelope AS envelope
WHERE envelope.questions <> (
    SELECT count(*) FROM provision
    WHERE provision.asker = envelope.asker AND provision.envelope = envelope.envelope
)
ORDER BY 1;

-- parts --
-- The parts there are, and how many of the rows of each were erased as is said
SELECT part, (SELECT count(*) FROM provision_erasure AS gone WHERE gone.commitment = provision_part.commitment AND in_bulk)
FROM provision_part ORDER BY part;

-- log --
-- The log of a part
SELECT log FROM provision_part WHERE part = %(part)s;

-- runs --
-- Runs of the index that are complete, and what vouches for each
SELECT run, commitment, manifest, salt, EXISTS (
    SELECT FROM journal
    WHERE recorded_at = provision_run.at AND kind = 'run.compacted'
        AND substr(leaf, 16, 64) = convert_to(encode(provision_run.commitment, 'hex'), 'UTF8')
) OR EXISTS (SELECT FROM journal_pending AS waits WHERE waits.commitment = provision_run.commitment)
FROM provision_run WHERE complete ORDER BY run;

-- parts_of --
-- The parts of a run, what the row in the journal of each commits to, and how many entries it has
SELECT part, part.commitment, taken.entries FROM provision_run_part AS taken JOIN provision_part AS part USING (part)
WHERE taken.run = %(run)s ORDER BY part;

-- buckets_of --
-- The buckets of a run after a code
SELECT last_code, number, digest, salt, entries, strands FROM provision_bucket
WHERE run = %(run)s AND first_code > %(after)s ORDER BY first_code LIMIT %(limit)s;

-- unindexed --
-- Parts of which the index says that it took them in, and no run has them; and those that wait and a run has
SELECT part FROM provision_part LEFT JOIN provision_run_part AS taken USING (part)
LEFT JOIN provision_run AS run ON run.run = taken.run AND run.complete
WHERE indexed <> (run.run IS NOT NULL) ORDER BY part;

-- askers --
-- What was provided to whom: questions that were answered online, keys and rows in bulk
SELECT asker, sum(online)::bigint, sum(keys)::bigint, sum(rows)::bigint FROM (
    SELECT asker, count(*) AS online, 0 AS keys, 0 AS rows FROM provision GROUP BY asker
    UNION ALL
    SELECT asker, 0, sum(asked), sum(rows) FROM provision_part GROUP BY asker
) AS provided
GROUP BY asker ORDER BY asker;
