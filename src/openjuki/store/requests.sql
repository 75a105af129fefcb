-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- add --
-- Put down a request whose line is in the ledger
INSERT INTO bulk_request (
    line, provider, kind, file, digest, rows, malformed, duplicates, parts, items, format, encoding, body, standing, code, refusal, ended_at
) VALUES (
    %(line)s, %(provider)s, %(kind)s, %(file)s, %(digest)s, %(rows)s, %(malformed)s, %(duplicates)s, %(parts)s, %(items)s,
    %(format)s, %(encoding)s, %(body)s, %(standing)s, %(code)s, %(refusal)s, %(ended_at)s
);

-- find --
-- Requests, newest first, with what has arrived of them
SELECT line, asked_at, office, operator, affair, reason, method, provider, kind, file, rows, malformed, duplicates, parts, items, format,
    encoding, standing, answered, code, refusal, ended_at, erased_at,
    coalesce(arrived.received, 0), coalesce(arrived.receipted, 0)
FROM bulk_request JOIN ledger_line ON ledger_line.id = bulk_request.line
LEFT JOIN LATERAL (
    SELECT count(*)::integer, count(receipted_at)::integer FROM bulk_received WHERE bulk_received.line = bulk_request.line
) AS arrived (received, receipted) ON true
WHERE (%(line)s::text IS NULL OR line = %(line)s)
    AND (%(office)s::text IS NULL OR office = %(office)s)
    AND (%(digest)s::bytea IS NULL OR digest = %(digest)s)
    AND (NOT %(open)s OR ended_at IS NULL)
ORDER BY line DESC
LIMIT %(limit)s;

-- results --
-- How many rows of a request have arrived, by result, and under which articles
SELECT results, articles FROM bulk_received WHERE line = %(line)s ORDER BY part;

-- body --
-- What goes to the provider
SELECT body FROM bulk_request WHERE line = %(line)s;

-- hold --
-- Whoever goes on with a request holds it for a while; nobody else may, until then
UPDATE bulk_request SET held_by = %(by)s, held_until = %(until)s
WHERE line = %(line)s AND ended_at IS NULL AND (held_by IS NULL OR held_by = %(by)s OR held_until < %(at)s)
RETURNING line;

-- let_go --
-- Whoever held a request does not go on with it
UPDATE bulk_request SET held_by = NULL, held_until = NULL WHERE line = %(line)s AND held_by = %(by)s;

-- go_on --
-- How far the provider is
UPDATE bulk_request SET standing = %(standing)s, answered = %(answered)s, code = %(code)s
WHERE line = %(line)s AND ended_at IS NULL;

-- receive --
-- A part has arrived
INSERT INTO bulk_received (line, part, received_at, manifest, payload, salt, results, articles)
VALUES (%(line)s, %(part)s, %(received_at)s, %(manifest)s, %(payload)s, %(salt)s, %(results)s, %(articles)s)
ON CONFLICT DO NOTHING
RETURNING part;

-- to_receipt --
-- Parts that have arrived, and whose provider does not know it
SELECT part, manifest FROM bulk_received WHERE line = %(line)s AND receipted_at IS NULL ORDER BY part;

-- manifests --
-- Manifests of the parts that have arrived
SELECT manifest FROM bulk_received WHERE line = %(line)s ORDER BY part;

-- arrived --
-- Which parts have arrived
SELECT part FROM bulk_received WHERE line = %(line)s ORDER BY part;

-- receipted --
-- The provider knows that these parts have arrived
UPDATE bulk_received SET receipted_at = %(at)s WHERE line = %(line)s AND part = ANY(%(parts)s) AND receipted_at IS NULL;

-- unreceipted --
-- Requests that are over and of which some part is not receipted
SELECT DISTINCT line FROM bulk_received JOIN bulk_request USING (line)
WHERE receipted_at IS NULL AND ended_at IS NOT NULL ORDER BY line LIMIT %(limit)s;

-- end --
-- A request is over: nothing more will come, and the key of what was pulled for it is forgotten
UPDATE bulk_request
SET standing = %(standing)s, code = %(code)s, refusal = %(refusal)s, ended_at = %(at)s, body = NULL, held_by = NULL, held_until = NULL
WHERE line = %(line)s AND ended_at IS NULL
RETURNING line;

-- erased --
-- The files of a request are gone
UPDATE bulk_request SET erased_at = %(at)s WHERE line = %(line)s AND ended_at IS NOT NULL AND erased_at IS NULL;

-- kept --
-- Requests that were over before a time, and whose files are still there
SELECT line FROM bulk_request WHERE erased_at IS NULL AND ended_at < %(before)s ORDER BY line;
