-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- take --
-- A request that was not known; says so by a row
INSERT INTO bulk_job (
    asker, request, digest, body, affair, office, operator, method, kind, rows, parts,
    accepted_at, standing, refusal, turn_at, finished_at
) VALUES (
    %(asker)s, %(request)s, %(digest)s, %(body)s, %(affair)s, %(office)s, %(operator)s, %(method)s, %(kind)s,
    %(rows)s, %(parts)s, %(at)s, %(standing)s, %(refusal)s, %(at)s, %(finished_at)s
)
ON CONFLICT DO NOTHING RETURNING request;

-- find --
-- A request and how far it is
SELECT job.digest, job.standing, job.parts, job.refusal, job.code, count(answer.number), count(answer.receipted_at),
    coalesce(jsonb_agg(answer.results) FILTER (WHERE answer.number IS NOT NULL), '[]')
FROM bulk_job AS job LEFT JOIN bulk_answer AS answer USING (asker, request)
WHERE job.asker = %(asker)s AND job.request = %(request)s
GROUP BY job.asker, job.request;

-- due --
-- Requests whose turn has come, the oldest turn first, with the part that is next
SELECT job.asker, job.request, job.body, job.accepted_at, count(answer.number)
FROM bulk_job AS job LEFT JOIN bulk_answer AS answer USING (asker, request)
WHERE job.finished_at IS NULL AND job.turn_at <= %(at)s
GROUP BY job.asker, job.request
ORDER BY job.turn_at, job.accepted_at, job.asker, job.request
LIMIT %(limit)s;

-- hold --
-- A request that goes on still, locked: whoever calls it off waits until its part is recorded
SELECT parts FROM bulk_job
WHERE asker = %(asker)s AND request = %(request)s AND finished_at IS NULL
FOR UPDATE;

-- stand --
-- Where a request stands, and when its turn comes again; one that has ended stays as it is
UPDATE bulk_job
SET standing = %(standing)s, code = %(code)s, turn_at = %(turn_at)s, finished_at = %(finished_at)s
WHERE asker = %(asker)s AND request = %(request)s AND finished_at IS NULL
RETURNING request;

-- answer --
-- A part that is recorded and can be pulled
INSERT INTO bulk_answer (asker, request, number, part, manifest, promise, key, asked, results, at)
VALUES (
    %(asker)s, %(request)s, %(number)s, %(part)s, %(manifest)s, %(promise)s, %(key)s, %(asked)s, %(results)s, %(at)s
);

-- answered --
-- A part that is recorded, with what its row in the journal says
SELECT answer.manifest, answer.promise, answer.key, part.manifest, part.salt
FROM bulk_answer AS answer JOIN provision_part AS part USING (part)
WHERE answer.asker = %(asker)s AND answer.request = %(request)s AND answer.number = %(number)s;

-- place --
-- Where the file of a part lies: it is named by what its row in the journal commits to
SELECT part.commitment
FROM bulk_answer AS answer JOIN provision_part AS part USING (part)
WHERE answer.asker = %(asker)s AND answer.request = %(request)s AND answer.number = %(number)s
    AND answer.key IS NOT NULL;

-- receipted --
-- Parts have arrived, if they are the ones whose manifests were signed; says which nobody had receipted before
UPDATE bulk_answer AS answer SET receipted_at = %(at)s, key = NULL
FROM unnest(%(numbers)s::smallint[], %(digests)s::bytea[]) AS said (number, digest), provision_part AS part
WHERE answer.asker = %(asker)s AND answer.request = %(request)s AND answer.number = said.number
    AND part.part = answer.part AND sha256(answer.manifest) = said.digest AND answer.receipted_at IS NULL
RETURNING part.commitment;

-- forget --
-- The requests that have ended and of which nothing is left to be pulled: what opens their keys goes
UPDATE bulk_job AS job SET body = NULL
WHERE finished_at IS NOT NULL AND body IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM bulk_answer AS answer
        WHERE answer.asker = job.asker AND answer.request = job.request AND answer.key IS NOT NULL
    )
RETURNING asker, request;

-- expire --
-- Answers that nobody has pulled or receipted for too long: what opens them goes, that they were told stays
UPDATE bulk_answer AS answer SET key = NULL
FROM provision_part AS part
WHERE part.part = answer.part AND answer.key IS NOT NULL AND answer.at < %(before)s
RETURNING answer.asker, answer.request, part.commitment;

-- abandoned --
-- Requests that have waited for their asker for too long
UPDATE bulk_job SET standing = 'failed', finished_at = %(at)s
WHERE finished_at IS NULL AND accepted_at < %(before)s
    AND NOT EXISTS (
        SELECT FROM bulk_answer AS answer
        WHERE answer.asker = bulk_job.asker AND answer.request = bulk_job.request AND answer.at >= %(before)s
    )
RETURNING asker, request;

-- kept --
-- The files that are still needed
SELECT part.commitment FROM bulk_answer AS answer JOIN provision_part AS part USING (part)
WHERE answer.key IS NOT NULL;

-- all --
-- Requests, the latest first
SELECT job.asker, job.request, job.affair, job.office, job.operator, job.method, job.kind, job.rows, job.parts,
    job.accepted_at, job.standing, job.refusal ->> 'rule', job.code, job.finished_at,
    count(answer.number), count(answer.receipted_at)
FROM bulk_job AS job LEFT JOIN bulk_answer AS answer USING (asker, request)
WHERE %(open)s IS FALSE OR job.finished_at IS NULL
GROUP BY job.asker, job.request
ORDER BY job.accepted_at DESC, job.asker, job.request
LIMIT %(limit)s;

-- outstanding --
-- Parts that were provided before a time and are not receipted, by request; a provider needs no receipt of its own
SELECT answer.asker, answer.request, count(*), sum(answer.asked), min(answer.at), array_agg(answer.number ORDER BY answer.number)
FROM bulk_answer AS answer
WHERE answer.receipted_at IS NULL AND answer.at < %(before)s AND answer.asker <> %(provider)s
GROUP BY answer.asker, answer.request
ORDER BY min(answer.at), answer.asker, answer.request;

-- waiting_since --
-- When the oldest change was recorded that is not in the journal yet
SELECT min(recorded_at) FROM journal_pending;
