-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- keep --
-- Record a part; its number at this node
INSERT INTO provision_part (
    commitment, manifest, salt, request, number, asker, affair, method, at, asked, answered, rows, results, articles,
    items, told, log, secrets, roots
) VALUES (
    %(commitment)s, %(manifest)s, %(salt)s, %(request)s, %(number)s, %(asker)s, %(affair)s, %(method)s, %(at)s, %(asked)s,
    %(answered)s, %(rows)s, %(results)s::jsonb, %(articles)s::text[], %(items)s::text[], %(told)s::integer[], %(log)b,
    %(secrets)b, %(roots)b
)
RETURNING part;

-- listed --
-- Parts after a number, in the order in which they were recorded
SELECT part, at, request, number, rows FROM provision_part WHERE part > %(after)s ORDER BY part LIMIT %(limit)s;

-- manifests --
-- What the rows of parts in the journal say
SELECT part, manifest FROM provision_part WHERE part = ANY(%(parts)s::bigint[]);

-- log --
-- The Parquet of a part
SELECT log FROM provision_part WHERE part = %(part)s;

-- footers --
-- Sizes and ends of the Parquets of parts
SELECT part, octet_length(log), substring(log FROM greatest(1, octet_length(log) - %(footer)s + 1))
FROM provision_part WHERE part = ANY(%(parts)s::bigint[]);

-- ranges --
-- Ranges of the Parquets of parts
SELECT part, asked.group, substring(log FROM asked.start + 1 FOR asked.size)
FROM unnest(%(parts)s::bigint[], %(groups)s::integer[], %(starts)s::integer[], %(sizes)s::integer[])
    AS asked (part, "group", start, size)
JOIN provision_part USING (part);

-- chunks --
-- What proves the rows of chunks: the secret, all roots of the part, and what was left where rows were erased
SELECT part, chunk, substring(secrets FROM 32 * chunk + 1 FOR 32), roots, salts, leaves
FROM unnest(%(parts)s::bigint[], %(chunks)s::integer[]) AS asked (part, chunk)
JOIN provision_part USING (part)
LEFT JOIN provision_part_erased USING (part, chunk);

-- standing --
-- Rows of parts in the journal; a leaf begins {"commitment":"…
SELECT part, journal.index, journal.leaf, manifest, provision_part.salt
FROM provision_part JOIN journal ON journal.recorded_at = at
    AND substr(journal.leaf, 16, 64) = convert_to(encode(commitment, 'hex'), 'UTF8')
WHERE journal.kind = 'provision.part' AND part = ANY(%(parts)s::bigint[]);

-- whole --
-- All of a part
SELECT commitment, manifest, salt, log, secrets, roots FROM provision_part WHERE part = %(part)s;

-- erased --
-- What was left where rows of a part were erased
SELECT chunk, salts, leaves FROM provision_part_erased WHERE part = %(part)s;

-- held --
-- The log of a part, held until the transaction ends
SELECT log, substring(secrets FROM 32 * %(chunk)s + 1 FOR 32) FROM provision_part WHERE part = %(part)s FOR UPDATE;

-- leave --
-- What is left of a chunk: the other salts, and the leaves of what is gone
INSERT INTO provision_part_erased (part, chunk, salts, leaves)
VALUES (%(part)s, %(chunk)s, %(salts)s, %(leaves)s)
ON CONFLICT (part, chunk) DO UPDATE SET salts = excluded.salts, leaves = provision_part_erased.leaves || excluded.leaves;

-- erase --
-- Take a row out of a part, and the secret from which its salt came
UPDATE provision_part SET
    log = %(log)b, secrets = overlay(secrets PLACING decode(repeat('00', 32), 'hex') FROM 32 * %(chunk)s + 1 FOR 32)
WHERE part = %(part)s;
