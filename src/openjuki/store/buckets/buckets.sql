-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- hold --
-- Nobody else changes the index until the end of the transaction; who reads it is not kept waiting
LOCK TABLE provision_run IN EXCLUSIVE MODE;

-- waiting --
-- Parts that the index has not taken in
SELECT part FROM provision_part WHERE NOT indexed ORDER BY part;

-- queue --
-- How large they are, and since when the oldest waits
SELECT part, rows, at FROM provision_part WHERE NOT indexed ORDER BY part LIMIT %(limit)s;

-- take --
-- Some of them
SELECT part, log FROM provision_part WHERE part = ANY(%(parts)s::bigint[]) ORDER BY part;

-- buckets --
-- Of every complete run the bucket that would hold a code, if it reaches so far
SELECT asked.code, bucket.entries, bucket.strands
FROM unnest(%(codes)s::bigint[]) AS asked (code)
CROSS JOIN provision_run AS run
CROSS JOIN LATERAL (
    SELECT last_code, entries, strands FROM provision_bucket AS bucket
    WHERE bucket.run = run.run AND bucket.first_code <= asked.code
    ORDER BY bucket.first_code DESC LIMIT 1
) AS bucket
WHERE run.complete AND bucket.last_code >= asked.code;

-- runs --
-- The runs there are, each with the run that is to replace it
SELECT run, entries, complete, merged_before, merged_into FROM provision_run ORDER BY run;

-- add_run --
-- A run that is being made
INSERT INTO provision_run (entries, complete, at) VALUES (0, false, %(at)s) RETURNING run;

-- add_buckets --
-- Its buckets
COPY provision_bucket (run, first_code, last_code, number, digest, salt, entries, strands) FROM STDIN (FORMAT BINARY);

-- assign --
-- Which parts it has taken in
INSERT INTO provision_run_part (part, run, entries)
SELECT part, %(run)s, entries FROM unnest(%(parts)s::bigint[], %(entries)s::integer[]) AS taken (part, entries);

-- indexed --
-- They are not looked through themselves any more
UPDATE provision_part SET indexed = true WHERE part = ANY(%(parts)s::bigint[]);

-- merge --
-- These runs are to be merged into that one
UPDATE provision_run SET merged_into = %(run)s WHERE run = ANY(%(sources)s::bigint[]);

-- ranges --
-- Where the buckets of the runs that are being merged begin from some code on, and how much each holds
SELECT first_code, number FROM provision_bucket
WHERE run = ANY(%(sources)s::bigint[]) AND last_code >= %(first)s ORDER BY first_code LIMIT %(limit)s;

-- cut --
-- Their buckets that reach into a range of codes
SELECT entries, strands FROM provision_bucket
WHERE run = ANY(%(sources)s::bigint[]) AND last_code >= %(first)s
    AND (first_code < %(before)s OR %(before)s::bigint IS NULL);

-- progress --
-- So far they are merged
UPDATE provision_run SET merged_before = %(before)s WHERE run = %(run)s;

-- reassign --
-- Their parts are the new run's
UPDATE provision_run_part SET run = %(run)s WHERE run = ANY(%(sources)s::bigint[]);

-- drop_buckets --
-- What the new run replaces
DELETE FROM provision_bucket WHERE run = ANY(%(sources)s::bigint[]);

-- drop_runs --
-- Runs that were replaced
DELETE FROM provision_run WHERE run = ANY(%(sources)s::bigint[]);

-- parts_of --
-- What the row in the journal of each part of a run commits to, and how many entries it has
SELECT part.commitment, taken.entries FROM provision_run_part AS taken JOIN provision_part AS part USING (part)
WHERE taken.run = %(run)s ORDER BY taken.part;

-- digests_of --
-- The digests of a run's buckets, and how many entries they hold
SELECT digest, number FROM provision_bucket WHERE run = %(run)s ORDER BY first_code;

-- complete --
-- The run is complete, and vouched for
UPDATE provision_run
SET complete = true, entries = %(entries)s, at = %(at)s, commitment = %(commitment)s, manifest = %(manifest)s,
    salt = %(salt)s
WHERE run = %(run)s;

-- holding --
-- Buckets, of whatever run, that would hold a code
SELECT run.run, run.complete, bucket.first_code, bucket.entries, bucket.strands
FROM provision_run AS run
CROSS JOIN LATERAL (
    SELECT first_code, last_code, entries, strands FROM provision_bucket AS bucket
    WHERE bucket.run = run.run AND bucket.first_code <= %(code)s
    ORDER BY bucket.first_code DESC LIMIT 1
) AS bucket
WHERE bucket.last_code >= %(code)s;

-- drop_bucket --
-- A bucket that is written anew
DELETE FROM provision_bucket WHERE run = %(run)s AND first_code = %(first)s;

-- one_less --
-- A row of a part was erased
UPDATE provision_run_part SET entries = entries - 1 WHERE part = %(part)s;

-- log_of --
-- A part as it is
SELECT log FROM provision_part WHERE part = %(part)s FOR UPDATE;
