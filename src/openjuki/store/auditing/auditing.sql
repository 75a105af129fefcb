-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- standing --
-- How large the journal is, how much of it is signed, and the number of the last envelope
SELECT tree.size, coalesce((SELECT max(size) FROM checkpoint), 0),
    coalesce((SELECT max(id) FROM provision_envelope), 0)
FROM tree;

-- journalled --
-- Rows of the journal about envelopes, and what each commits to as its leaf has it; a leaf begins {"commitment":"…
SELECT index, payload, substr(leaf, 16, 64) FROM journal
WHERE index > %(after)s AND kind = 'provision.envelope'
ORDER BY index LIMIT %(limit)s;

-- unlisted --
-- Such rows whose envelopes the record does not list
SELECT said.index
FROM unnest(%(indexes)s::bigint[], %(askers)s::text[], %(envelopes)s::text[], %(commitments)b::bytea[])
    AS said (index, asker, envelope, commitment)
LEFT JOIN provision_envelope AS listed USING (asker, envelope)
WHERE convert_to(encode(listed.commitment, 'hex'), 'UTF8') IS DISTINCT FROM said.commitment
ORDER BY said.index;

-- envelopes --
-- Envelopes after a number: what the record and the journal say of each, and the leaves under its root, in their order;
-- how many of its questions were granted and erased
SELECT envelope.id, envelope.asker, envelope.envelope, envelope.through,
    least(greatest(envelope.at, '0002-01-01 00:00+00'), '9999-12-01 00:00+00'), envelope.questions, written.payload,
    coalesce(string_agg(provision.commitment, ''::bytea ORDER BY place), ''::bytea),
    count(*) FILTER (WHERE result NOT IN ('not_permitted', 'malformed')),
    count(place) FILTER (WHERE provision.payload IS NULL)
FROM (
    SELECT * FROM provision_envelope WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
) AS envelope
LEFT JOIN provision ON envelope_id = envelope.id
LEFT JOIN LATERAL (
    SELECT payload FROM journal
    WHERE recorded_at = envelope.at AND kind = 'provision.envelope'
        AND substr(leaf, 16, 64) = convert_to(encode(envelope.commitment, 'hex'), 'UTF8')
    UNION ALL
    SELECT payload FROM journal_pending AS pending WHERE pending.commitment = envelope.commitment
    LIMIT 1
) AS written ON true
GROUP BY envelope.id, envelope.asker, envelope.envelope, envelope.through, envelope.at, envelope.questions, written.payload
ORDER BY envelope.id;

-- questions --
-- Questions at some places of envelopes with which something is wrong, and what, in the words of `findings`
WITH written AS MATERIALIZED (
    -- what each row says, as long as it is what its leaf commits to: what was rewritten need not be JSON; and U+0000,
    -- which jsonb does not have, can stand nowhere but in a question, of which nothing is compared
    SELECT provision.*, envelope.commitment AS of_envelope, envelope.asker,
        envelope.asker || '/' || envelope.envelope || '/' || place AS which,
        CASE
            WHEN provision.commitment = sha256('\x00'::bytea || salt || payload)
            THEN regexp_replace(convert_from(payload, 'UTF8'), '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g')::jsonb
        END AS said
    FROM provision JOIN provision_envelope AS envelope ON envelope.id = envelope_id
    WHERE envelope_id = ANY(%(envelopes)s) AND place BETWEEN %(first)s AND %(last)s
)
SELECT 'misgrown', which, envelope_id, place FROM written WHERE payload IS NOT NULL AND said IS NULL
UNION ALL
SELECT 'misstated', which, envelope_id, place FROM written
WHERE said IS NOT NULL AND (
    jsonb_build_object('affair', affair, 'method', method, 'office', office, 'operator', operator, 'what', what)
        IS DISTINCT FROM (said -> 'ask') - ARRAY['history', 'holds', 'reason', 'terminal']
    OR jsonb_build_object('articles', articles, 'items', items, 'result', result, 'retention', retention)
        IS DISTINCT FROM (said -> 'told') - ARRAY['count', 'malformed', 'rule']
    -- by what somebody was looked for: the items of the question as the law names them, or those by which the candidate
    -- had been found who was confirmed; nothing where it could not be read, or nobody had been shown
    OR CASE
        WHEN result = 'malformed' THEN cardinality(keys) > 0
        WHEN what = 'confirm' THEN cardinality(keys) > 0 AND NOT EXISTS (
            SELECT FROM provision_envelope AS shown JOIN provision AS earlier ON earlier.envelope_id = shown.id
            WHERE (shown.asker, shown.envelope) = (written.asker, said -> 'question' ->> 'envelope')
                AND encode(earlier.commitment, 'hex') = said -> 'question' ->> 'of' AND earlier.keys = written.keys
        )
        ELSE keys IS DISTINCT FROM ARRAY(
            SELECT CASE item WHEN 'furigana' THEN 'name' ELSE item END
            FROM jsonb_each(said -> 'question') AS given (item, value)
            WHERE item = ANY(%(keys)s::text[]) AND value <> 'null'
            GROUP BY 1
            ORDER BY min(array_position(%(keys)s::text[], item))
        )
    END
)
UNION ALL
-- a row names as many persons as are listed, in this order, each by its digest of a code that a record of theirs has;
-- nobody where nothing is written any more; and whoever was forgotten has no record
SELECT 'misnamed', which, envelope_id, place FROM written
WHERE (payload IS NULL OR said IS NOT NULL)
    AND CASE WHEN payload IS NULL THEN 0 ELSE jsonb_array_length(said -> 'persons') END IS DISTINCT FROM (
        SELECT count(*) FROM provision_person AS told
        WHERE told.envelope_id = written.envelope_id AND told.place = written.place
    )
    OR EXISTS (
        SELECT FROM provision_person AS told
        WHERE told.envelope_id = written.envelope_id AND told.place = written.place AND said IS NOT NULL
            AND EXISTS (SELECT FROM person WHERE person.person_id = told.person_id)
            AND NOT EXISTS (
                SELECT FROM record
                WHERE record.person_id = told.person_id
                    AND said -> 'persons' ->> (told.number - 1)
                        = encode(sha256(told.salt || convert_to(record.resident_code, 'UTF8')), 'hex')
            )
    )
UNION ALL
SELECT 'unexplained', which, envelope_id, place FROM written
WHERE payload IS NULL AND NOT EXISTS (
    SELECT FROM provision_erasure AS gone
    WHERE gone.commitment = written.of_envelope AND gone.place = written.place
)
ORDER BY 3, 4;

-- named --
-- What a question is called, by its place
SELECT asker || '/' || envelope || '/' || place FROM provision JOIN provision_envelope ON id = envelope_id
WHERE envelope_id = ANY(%(envelopes)s) AND place BETWEEN %(first)s AND %(last)s;

-- strangers --
-- Who is said to have been told about in these envelopes and is not known, and where
SELECT person_id, envelope.asker || '/' || envelope.envelope || '/' || place
FROM provision_person JOIN provision_envelope AS envelope ON envelope.id = envelope_id
WHERE envelope_id = ANY(%(envelopes)s)
    AND NOT EXISTS (SELECT FROM person WHERE person.person_id = provision_person.person_id)
ORDER BY envelope_id, place, number;

-- forgotten --
-- How many persons were erased
SELECT (SELECT count(*) FROM journal WHERE kind = 'person.erased')
    + (SELECT count(*) FROM journal_pending WHERE kind = 'person.erased');

-- erased --
-- What the journal says was erased of what was provided; what is not in it yet has no place
SELECT index, payload FROM journal WHERE kind = 'provision.erased'
UNION ALL
SELECT NULL, payload FROM journal_pending WHERE kind = 'provision.erased'
ORDER BY index;

-- erased_unrecorded --
-- Erasures that the record lists, of questions and of rows of parts, and no row of the journal
SELECT gone.asker || '/' || gone.envelope || '/' || gone.place
FROM provision_erasure AS gone
LEFT JOIN unnest(%(commitments)b::bytea[], %(places)s::bigint[]) AS said (commitment, place) USING (commitment, place)
WHERE said.commitment IS NULL
ORDER BY gone.at, gone.asker, gone.envelope, gone.place;

-- parts_unlisted --
-- Rows of the journal about parts that the log does not have
SELECT index FROM journal
LEFT JOIN provision_part AS part ON convert_to(encode(part.commitment, 'hex'), 'UTF8') = substr(leaf, 16, 64)
    AND part.at = recorded_at
WHERE kind = 'provision.part' AND part.part IS NULL
ORDER BY index;

-- parts_unrecorded --
-- Parts that are in no row of the journal
SELECT part FROM provision_part
WHERE NOT EXISTS (
    SELECT FROM journal
    WHERE recorded_at = provision_part.at AND kind = 'provision.part'
        AND substr(leaf, 16, 64) = convert_to(encode(provision_part.commitment, 'hex'), 'UTF8')
) AND NOT EXISTS (SELECT FROM journal_pending AS waits WHERE waits.commitment = provision_part.commitment)
ORDER BY part;

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
SELECT first_code, last_code, number, salt, entries, strands FROM provision_bucket
WHERE run = %(run)s AND first_code > %(after)s ORDER BY first_code LIMIT %(limit)s;

-- unindexed --
-- Parts of which the index says that it took them in, and no run has them; and those that wait and a run has
SELECT part FROM provision_part LEFT JOIN provision_run_part AS taken USING (part)
LEFT JOIN provision_run AS run ON run.run = taken.run AND run.complete
WHERE indexed <> (run.run IS NOT NULL) ORDER BY part;

-- askers --
-- What was provided to whom: questions that were answered online, keys and rows in bulk
SELECT asker, sum(online)::bigint, sum(keys)::bigint, sum(rows)::bigint FROM (
    SELECT asker, sum(questions) AS online, 0 AS keys, 0 AS rows FROM provision_envelope GROUP BY asker
    UNION ALL
    SELECT asker, 0, sum(asked), sum(rows) FROM provision_part GROUP BY asker
) AS provided
GROUP BY asker ORDER BY asker;
