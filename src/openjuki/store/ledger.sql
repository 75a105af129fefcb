-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- ask --
-- Put down what is about to be asked; rows follow in binary COPY format
COPY ledger_line (
    id, asked_at, office, operator, terminal, affair, reason, what, method, history, keys, persons, salt, content
) FROM STDIN (FORMAT BINARY);

-- answer --
-- Put down what came back; rows follow in binary COPY format
COPY ledger_answer (line, answered_at, code, results, articles, routes, salt, content) FROM STDIN (FORMAT BINARY);

-- keep --
-- Keep the promise of an envelope that was answered; one whose answers are put down in two goes is kept once
INSERT INTO ledger_envelope (
    id, provider, through, told_at, received_at, promise, receipted_at, proved_at, salt, payload, leaves
)
VALUES (
    %(id)s, %(provider)s, %(through)s, %(told_at)s, %(received_at)s, %(promise)b, %(receipted_at)s, %(proved_at)s,
    %(salt)b, %(payload)b, %(leaves)b
)
ON CONFLICT DO NOTHING;

-- hold --
-- Whoever counts against a limit waits for whoever does so already: one row of the office's affairs is held
SELECT FROM held_affair AS held
JOIN unnest(%(offices)s::text[], %(affairs)s::text[]) AS limited (office, affair) USING (office, affair)
WHERE held.until IS NULL
ORDER BY office, affair
FOR UPDATE OF held;

-- asked_since --
-- About how many persons an office has asked for an affair since a moment, files that were read before it too
SELECT limited.office, limited.affair, (
    SELECT coalesce(sum(line.persons), 0)::bigint FROM ledger_line AS line
    WHERE line.office = limited.office AND line.affair = limited.affair AND line.id >= %(since)s
) + (
    SELECT coalesce(sum(line.persons), 0)::bigint FROM bulk_request AS file JOIN ledger_line AS line ON line.id = file.line
    WHERE file.line >= %(read_since)s AND file.line < %(since)s AND line.asked_at >= %(at)s
        AND line.office = limited.office AND line.affair = limited.affair
)
FROM unnest(%(offices)s::text[], %(affairs)s::text[]) AS limited (office, affair);

-- search --
-- Lines, newest first, without what they are about
SELECT line.id, asked_at, office, operator, terminal, affair, reason, what, method, history, keys, persons,
    answered_at, code, coalesce(results, '{}'), coalesce(articles, '{}'), coalesce(routes, '{}')
FROM ledger_line AS line LEFT JOIN ledger_answer AS answer ON answer.line = line.id
WHERE (%(office)s::text IS NULL OR office = %(office)s)
    AND (%(affair)s::text IS NULL OR affair = %(affair)s)
    AND (%(operator)s::text IS NULL OR operator = %(operator)s)
    AND (%(since)s::text IS NULL OR line.id >= %(since)s)
    AND (%(before)s::text IS NULL OR line.id < %(before)s)
    AND (%(until)s::text IS NULL OR line.id < %(until)s)
ORDER BY line.id DESC
LIMIT %(limit)s;

-- lines --
-- Lines as a whole
SELECT line.id, asked_at, office, operator, terminal, affair, reason, what, method, history, keys, persons,
    answered_at, code, coalesce(results, '{}'), coalesce(articles, '{}'), coalesce(routes, '{}'), line.content, answer.content
FROM ledger_line AS line LEFT JOIN ledger_answer AS answer ON answer.line = line.id
WHERE line.id = ANY(%(ids)s::text[]);

-- envelopes --
-- Envelopes as they were kept
SELECT id, provider, through, told_at, received_at, promise, receipted_at, proved_at, salt, payload, leaves
FROM ledger_envelope WHERE id = ANY(%(ids)s::text[]);
