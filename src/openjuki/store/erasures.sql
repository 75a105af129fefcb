-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- online --
-- An online provision by its row in the journal, as long as that says anything; a leaf begins {"commitment":"…
SELECT commitment, place, asker, envelope, at, retention
FROM journal JOIN provision ON commitment = decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex')
WHERE index = %(index)s AND kind IN ('provision.granted', 'provision.refused') AND payload IS NOT NULL;

-- erase_row --
-- Take away what a row of the journal says
UPDATE journal SET payload = NULL, salt = NULL
WHERE index = %(index)s AND kind IN ('provision.granted', 'provision.refused') AND payload IS NOT NULL
RETURNING decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex');

-- erase_persons --
-- And whom it was about
DELETE FROM provision_person WHERE commitment = %(commitment)s;

-- part_at --
-- The part whose row in the journal this is
SELECT part, commitment FROM journal
JOIN provision_part ON at = recorded_at AND commitment = decode(convert_from(substr(leaf, 16, 64), 'UTF8'), 'hex')
WHERE index = %(index)s AND kind = 'provision.part';

-- note --
-- Put down which provision's record was erased
INSERT INTO provision_erasure (commitment, place, in_bulk, asker, envelope, at)
VALUES (%(commitment)s, %(place)s, %(in_bulk)s, %(asker)s, %(envelope)s, %(at)s);
