-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- open --
-- An operator is signed in
INSERT INTO session (digest, operator, terminal, opened_at, seen_at, expires_at)
VALUES (%(digest)s, %(operator)s, %(terminal)s, %(at)s, %(at)s, %(until)s)
RETURNING id;

-- find --
-- The session of a token, and who it is
SELECT session.id, session.operator, operator.name, session.terminal, operator.office, office.name,
    session.opened_at, session.seen_at, session.locked_at, session.expires_at
FROM session
JOIN operator ON operator.id = session.operator
JOIN office ON office.id = operator.office
WHERE session.digest = %(digest)s AND session.ended_at IS NULL AND session.expires_at > %(at)s;

-- seen --
-- Somebody works there
UPDATE session SET seen_at = %(at)s WHERE id = %(id)s;

-- lock --
-- Nobody goes on there without the operator's passkey
UPDATE session SET locked_at = coalesce(locked_at, %(at)s) WHERE id = %(id)s;

-- resume --
-- Unlocked: the same session goes on under a new token
UPDATE session SET digest = %(fresh)s, seen_at = %(at)s, locked_at = NULL
WHERE digest = %(digest)s AND operator = %(operator)s AND terminal = %(terminal)s
    AND ended_at IS NULL AND expires_at > %(at)s
RETURNING id;

-- end --
-- An operator's session is over
UPDATE session SET ended_at = %(at)s
WHERE id = %(id)s AND operator = %(operator)s AND ended_at IS NULL
RETURNING terminal;

-- end_all --
-- All of an operator's sessions are over
UPDATE session SET ended_at = %(at)s WHERE operator = %(operator)s AND ended_at IS NULL;

-- of_operator --
-- Where an operator is signed in
SELECT id, terminal, opened_at, seen_at, expires_at FROM session
WHERE operator = %(operator)s AND ended_at IS NULL AND expires_at > %(at)s
ORDER BY opened_at DESC;
