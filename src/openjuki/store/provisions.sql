-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- keep_envelope --
-- An envelope that is being answered; the number by which its rows go
INSERT INTO provision_envelope (asker, envelope, through, at, questions, commitment)
VALUES (%(asker)s, %(id)s, %(through)s, %(at)s, %(questions)s, %(commitment)b)
RETURNING id;

-- keep_provisions --
-- Their questions, and what was told
COPY provision (
    envelope_id, place, commitment, affair, office, operator, method, what, keys, result, articles, items, retention,
    salt, payload
) FROM STDIN (FORMAT BINARY);

-- keep_persons --
-- Who was told about
COPY provision_person (envelope_id, place, number, person_id, salt) FROM STDIN (FORMAT BINARY);

-- offered --
-- Persons whom an earlier answer showed and of whom something is held: for what, and by which keys they were found
SELECT asker, envelope, asked.commitment, number, person_id, affair, keys
FROM unnest(%(askers)s::text[], %(envelopes)s::text[], %(commitments)b::bytea[], %(numbers)b::smallint[])
    AS asked (asker, envelope, commitment, number)
JOIN provision_envelope USING (asker, envelope)
JOIN provision ON envelope_id = provision_envelope.id AND provision.commitment = asked.commitment
JOIN provision_person USING (envelope_id, place, number)
JOIN person USING (person_id)
WHERE what = 'ask' AND result <> 'superseded';

-- known --
-- Persons by the book's own name for them; columns as in a look-up
SELECT asked.place, true, known.holder, known.state, known.reason, known.date_of_change, known.resident_code,
    known.individual_number, known.name, known.furigana, known.former_surname, known.former_surname_furigana, known.alias,
    known.birth_date, known.sex, known.municipality, known.address
FROM unnest(%(places)b::integer[], %(persons)b::bigint[]) AS asked (place, holder)
JOIN known_person AS known USING (holder);

-- usage --
-- How often was provided, by day in Japan, affair, recipient, articles and method, not what was refused; of a part, nobody's keys under its first article
WITH span AS (
    SELECT coalesce(%(since)s::date, '-infinity')::timestamp AT TIME ZONE 'Asia/Tokyo' AS since,
        coalesce(%(until)s::date, 'infinity')::timestamp AT TIME ZONE 'Asia/Tokyo' AS until
)
SELECT (at AT TIME ZONE 'Asia/Tokyo')::date AS day, affair, asker, articles, method, count(*)
FROM span JOIN provision_envelope ON at >= since AND at < until JOIN provision ON envelope_id = id
WHERE result NOT IN ('not_permitted', 'malformed') AND cardinality(articles) > 0
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT (at AT TIME ZONE 'Asia/Tokyo')::date, affair, asker, ARRAY[article], method, sum(times)::bigint
FROM span JOIN provision_part ON at >= since AND at < until
CROSS JOIN LATERAL (
    SELECT * FROM unnest(articles, told)
    UNION ALL
    SELECT articles[1], answered - (SELECT coalesce(sum(one), 0) FROM unnest(told) AS one)
) AS carried (article, times)
WHERE cardinality(articles) > 0
GROUP BY 1, 2, 3, 4, 5
HAVING sum(times) > 0
ORDER BY 1, 2, 3, 4, 5;
