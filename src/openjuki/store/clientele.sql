-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- hold --
-- Nobody else puts or drops a list, or sweeps away files that none has, until the end of the transaction
LOCK TABLE clientele IN SHARE ROW EXCLUSIVE MODE;

-- put --
-- Keep a list, or its next edition: how far it was told stays as it is
INSERT INTO clientele (name, office, affair, reason, operator, terminal, kind, keys, digest, every, put_at)
VALUES (%(name)s, %(office)s, %(affair)s, %(reason)s, %(operator)s, %(terminal)s, %(kind)s, %(keys)s, %(digest)s,
    %(every)s, %(put_at)s)
ON CONFLICT (name) DO UPDATE SET
    reason = excluded.reason, operator = excluded.operator, terminal = excluded.terminal, kind = excluded.kind,
    keys = excluded.keys, digest = excluded.digest, every = excluded.every, put_at = excluded.put_at
WHERE clientele.office = excluded.office AND clientele.affair = excluded.affair;

-- drop --
-- Forget a list, and with it what it was told
DELETE FROM clientele WHERE name = %(name)s AND office = %(office)s;

-- lists --
-- The lists of a node, and what each was told
SELECT name, office, affair, reason, operator, terminal, kind, keys, digest, every, put_at,
    coalesce((SELECT max(seq) FROM clientele_change WHERE clientele = name), 0) AS told
FROM clientele WHERE (%(name)s::text IS NULL OR name = %(name)s) ORDER BY name;

-- due --
-- Lists that it is time to ask about, for who has them
SELECT clientele.name FROM clientele
WHERE every > 0 AND NOT EXISTS (
    SELECT FROM clientele_turn AS turn
    WHERE turn.clientele = clientele.name AND turn.asked_at > %(now)s - make_interval(secs => every)
)
ORDER BY name;

-- cursors --
-- How far a list was told, by provider
SELECT provider, journal, size, told_at FROM clientele_cursor WHERE clientele = %(name)s ORDER BY provider;

-- begin_cursor --
-- From now on a provider tells about a list, if there is such a list still
INSERT INTO clientele_cursor (clientele, provider, journal, size, told_at)
SELECT name, %(provider)s, %(journal)s, %(size)s, %(at)s FROM clientele WHERE name = %(name)s FOR KEY SHARE
ON CONFLICT DO NOTHING;

-- move_cursor --
-- A list was told so far, if nobody was faster
UPDATE clientele_cursor SET journal = %(journal)s, size = %(size)s, told_at = %(at)s
WHERE clientele = %(name)s AND provider = %(provider)s AND journal = %(from_journal)s AND size = %(from_size)s;

-- forget_cursors --
-- Begin anew, from now on
DELETE FROM clientele_cursor WHERE clientele = %(name)s;

-- ask --
-- A turn is about to be asked
INSERT INTO clientele_turn (request, clientele, provider, digest, asked_at)
VALUES (%(request)s, %(name)s, %(provider)s, %(digest)s, %(at)s);

-- asked --
-- Which list was shown in a turn that is under way, and to whom; one that was asked too long ago is over
SELECT provider, digest FROM clientele_turn
WHERE request = %(request)s AND answered_at IS NULL AND asked_at > %(since)s;

-- answer --
-- What became of a turn
UPDATE clientele_turn SET answered_at = %(at)s, changes = %(changes)s, code = %(code)s, payload = %(payload)s,
    salt = %(salt)s, promise = %(promise)s
WHERE request = %(request)s;

-- last --
-- The number of a list's last change; whoever numbers next waits for this transaction to end
SELECT coalesce((SELECT max(seq) FROM clientele_change WHERE clientele = name), 0)
FROM clientele WHERE name = %(name)s FOR UPDATE;

-- add_changes --
-- Keep what was told
COPY clientele_change (clientele, seq, request, received_at, told) FROM STDIN (FORMAT BINARY);

-- changes --
-- What a list was told after a number, of a span of time or altogether
SELECT seq, received_at, told FROM clientele_change
WHERE clientele = %(name)s AND seq > %(after)s
    AND (%(since)s::timestamptz IS NULL OR received_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR received_at < %(until)s)
ORDER BY seq LIMIT %(limit)s;

-- to_receipt --
-- Turns of which no receipt has reached the provider: of each the oldest, however many another has not taken
SELECT request, provider, payload, salt FROM clientele_turn
WHERE payload IS NOT NULL AND receipted_at IS NULL
ORDER BY row_number() OVER (PARTITION BY provider ORDER BY asked_at), provider LIMIT 100;

-- receipt_sent --
-- The provider has the receipt
UPDATE clientele_turn SET receipted_at = %(at)s WHERE request = %(request)s;

-- tell --
-- At a provider: a turn is about to be told
INSERT INTO clientele_told (request, asker, affair, at, changes, commitment)
VALUES (%(request)s, %(asker)s, %(affair)s, %(at)s, %(changes)s, %(commitment)s);

-- receipt --
-- At a provider: what was told has arrived; the second time it changes nothing
UPDATE clientele_told SET receipted_at = %(at)s
WHERE request = %(request)s AND asker = %(asker)s AND commitment = %(commitment)s AND receipted_at IS NULL;

-- outstanding --
-- At a provider: what was told and nobody has confirmed to have received, the oldest first
SELECT request, asker, affair, at, changes FROM clientele_told
WHERE receipted_at IS NULL ORDER BY at LIMIT %(limit)s;
