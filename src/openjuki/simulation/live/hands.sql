-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- candidates --
-- Rows of the last thousand that still have what they say, and how long it is
SELECT index, octet_length(payload) FROM journal
WHERE payload IS NOT NULL AND octet_length(payload) > 0
ORDER BY index DESC LIMIT 1000;

-- flip --
-- Flip the lowest bit of one byte of a row; done again, it is undone
UPDATE journal SET payload = set_byte(payload, %(offset)s, get_byte(payload, %(offset)s) # 1)
WHERE index = %(index)s;
