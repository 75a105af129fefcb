-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- time_of --
-- When a row of the book was recorded
SELECT recorded_at FROM journal WHERE index = %(index)s;

-- notices_of --
-- Notices of a municipality that were taken in, or lie on the shelf, from an index on and after a number of its link
SELECT index, payload
-- where a notice came from stands behind it; what its town added to it need not be what jsonb holds
FROM journal CROSS JOIN LATERAL regexp_match(convert_from(payload, 'UTF8'), '"origin":"([^"]+)","seq":(\d+)}$') AS came
WHERE index >= %(first)s AND kind IN ('notice.applied', 'notice.held')
    AND came[1] = %(origin)s AND came[2]::bigint > %(after)s
ORDER BY index LIMIT %(limit)s;

-- resumed --
-- What a neighbour had when the last journal was begun anew
SELECT payload FROM journal
WHERE index >= (SELECT max(size) FROM journal_begun) AND kind = 'link.resumed'
    AND convert_from(payload, 'UTF8')::jsonb ->> 'recipient' = %(recipient)s
ORDER BY index DESC LIMIT 1;

-- acknowledged --
-- Up to which number a neighbour is known to have a link
SELECT acknowledged FROM link WHERE recipient = %(recipient)s;

-- entry_time --
-- When an entry of a link was recorded
SELECT recorded_at FROM link_entry JOIN journal ON journal.index = link_entry.journal_index
WHERE recipient = %(recipient)s AND seq = %(seq)s;

-- use_codes --
-- Codes that somebody bears are no longer in the stock
UPDATE code_stock SET used_at = %(at)s WHERE resident_code = ANY(%(codes)s) AND used_at IS NULL;

-- refused_at --
-- The letter that was refused at a time
SELECT payload FROM journal WHERE kind = 'relay.refused' AND recorded_at = %(at)s AND index >= %(first)s
ORDER BY index LIMIT 1;
