-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- size --
-- About how many times somebody was told about, from the one time to before the other
SELECT (SELECT coalesce(sum(questions), 0)::bigint FROM provision_envelope WHERE at >= %(since)s AND at < %(until)s)
    + (SELECT coalesce(sum(rows), 0)::bigint FROM provision_part WHERE at >= %(since)s AND at < %(until)s);

-- online --
-- Who was told about to whom, for what, and when, in numbers of eight bytes; what an applicant wrote, and candidates among several, are no news about a person
SELECT asker, affair, coalesce(articles[1], ''), method, items,
    string_agg(int8send(resident_code::bigint), ''::bytea),
    string_agg(int8send(extract(epoch FROM at)::bigint), ''::bytea)
FROM provision_envelope AS envelope
JOIN provision ON envelope_id = envelope.id
JOIN provision_person USING (envelope_id, place)
JOIN code_succession AS bears ON bears.person_id = provision_person.person_id AND bears.until IS NULL
WHERE at >= %(since)s AND at < %(until)s AND what IN ('ask', 'confirm') AND result <> 'several'
    AND mod(resident_code::bigint, %(bands)s) = %(band)s
GROUP BY 1, 2, 3, 4, 5;

-- parts --
-- Parts of bulk provisions
SELECT part, asker, affair, coalesce(articles[1], ''), method, items, extract(epoch FROM at)::bigint
FROM provision_part
WHERE at >= %(since)s AND at < %(until)s AND rows > 0;

-- changes --
-- Whose records changed, and when, in numbers of eight bytes
SELECT string_agg(int8send(resident_code::bigint), ''::bytea),
    string_agg(int8send(extract(epoch FROM received_at)::bigint), ''::bytea)
FROM record
WHERE received_at >= %(since)s AND received_at < %(until)s AND mod(resident_code::bigint, %(bands)s) = %(band)s;
