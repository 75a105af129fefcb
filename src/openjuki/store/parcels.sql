-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- next --
-- The number of the next parcel to a node
SELECT coalesce(max(number), 0) + 1 FROM parcel WHERE direction = 'out' AND peer = %(peer)s;

-- add --
-- A parcel changed hands
INSERT INTO parcel (direction, peer, number, what, request, digest, at)
VALUES (%(direction)s, %(peer)s, %(number)s, %(what)s, %(request)s, %(digest)s, %(at)s);

-- digest --
-- What was taken in under a number
SELECT digest FROM parcel WHERE direction = 'in' AND peer = %(peer)s AND number = %(number)s;

-- missing --
-- Numbers before this one that never came, the first twenty: among as many more as came, whatever the sender counts to
SELECT number FROM generate_series(
    1, least(%(number)s - 1, 20 + (SELECT count(*) FROM parcel WHERE direction = 'in' AND peer = %(peer)s))
) AS expected (number)
WHERE NOT EXISTS (
    SELECT FROM parcel WHERE direction = 'in' AND peer = %(peer)s AND parcel.number = expected.number
)
ORDER BY number LIMIT 20;

-- listed --
-- What changed hands, the latest first
SELECT direction, peer, number, what, request, digest, at FROM parcel ORDER BY at DESC, direction, peer, number DESC LIMIT %(limit)s;
