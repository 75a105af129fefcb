-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- invite --
-- A one-time code for an operator at a terminal
INSERT INTO passkey_invitation (digest, operator, terminal, issued_at, expires_at)
VALUES (%(digest)s, %(operator)s, %(terminal)s, %(at)s, %(until)s);

-- invitation --
-- For whom and where a code is good that was not used
SELECT operator, terminal FROM passkey_invitation
WHERE digest = %(digest)s AND used_at IS NULL AND issued_at <= %(at)s AND %(at)s < expires_at;

-- use_invitation --
-- A code is used once
UPDATE passkey_invitation SET used_at = %(at)s
WHERE digest = %(digest)s AND used_at IS NULL AND issued_at <= %(at)s AND %(at)s < expires_at
RETURNING operator, terminal;

-- challenge --
-- Something to sign, for one browser; what is over is swept away
WITH swept AS (DELETE FROM passkey_challenge WHERE expires_at <= %(at)s)
INSERT INTO passkey_challenge (challenge, visit, expires_at) VALUES (%(challenge)s, %(visit)s, %(until)s);

-- use_challenge --
-- It is signed once, by the browser that was asked
DELETE FROM passkey_challenge
WHERE challenge = %(challenge)s AND visit = %(visit)s AND expires_at > %(at)s
RETURNING challenge;

-- enrol --
-- A new passkey; nothing happens where it is known
INSERT INTO passkey (credential, operator, public_key, uses, enrolled_at)
VALUES (%(credential)s, %(operator)s, %(public_key)s, %(uses)s, %(at)s)
ON CONFLICT DO NOTHING;

-- passkey --
-- Whose passkey it is
SELECT operator, public_key, uses FROM passkey WHERE credential = %(credential)s AND withdrawn_at IS NULL
FOR UPDATE;

-- of_operator --
-- The passkeys of an operator
SELECT credential FROM passkey WHERE operator = %(operator)s AND withdrawn_at IS NULL ORDER BY enrolled_at;

-- used --
-- A passkey was used
UPDATE passkey SET uses = %(uses)s, used_at = %(at)s WHERE credential = %(credential)s;

-- withdraw --
-- The operator's passkeys are good for nothing from now on
UPDATE passkey SET withdrawn_at = %(at)s WHERE operator = %(operator)s AND withdrawn_at IS NULL;

-- mark_terminal --
-- By this token a browser is known as a terminal
INSERT INTO terminal_token (digest, terminal, issued_at) VALUES (%(digest)s, %(terminal)s, %(at)s);

-- terminal --
-- Which terminal a token marks
SELECT terminal FROM terminal_token WHERE digest = %(digest)s;
