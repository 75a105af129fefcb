-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- occupied --
-- Whether anybody or anything is in the store
SELECT EXISTS (SELECT FROM record) OR EXISTS (SELECT FROM journal) OR EXISTS (SELECT FROM journal_pending);

-- rules --
-- Keys and unique constraints of the tables that are filled
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype IN ('p', 'u')
ORDER BY 1, 2;

-- indexes --
-- Their other indexes
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = ANY(%(tables)s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1;

-- settings --
-- Memory for building indexes, each by one process, for two sessions build at once; what is written goes to the disk
-- at once, so that the commit need not wait for it
SELECT set_config('maintenance_work_mem', '512MB', true), set_config('max_parallel_maintenance_workers', '0', true),
    set_config('backend_flush_after', '2MB', true);

-- record --
-- Notices
COPY record (
    person_id, stay, version, reason, date_of_change, recorded_at, predecessor_municipality, predecessor_stay,
    resident_code, individual_number, name, furigana, former_surname, former_surname_furigana, alias, birth_date,
    birth_date_recorded, sex, municipality, address, origin, received_at, digest
) FROM STDIN (FORMAT BINARY, FREEZE);

-- person --
-- Pointers and search keys
COPY person (person_id, stay, version, state, municipality, birth_date, name_key, kana_key, address_key)
FROM STDIN (FORMAT BINARY, FREEZE);

-- other_name --
-- Search keys of further names
COPY other_name (holder, search_key, birth_date) FROM STDIN (FORMAT BINARY, FREEZE);

-- code_succession --
-- Codes
COPY code_succession (resident_code, person_id, since) FROM STDIN (FORMAT BINARY, FREEZE);

-- number_succession --
-- Numbers
COPY number_succession (individual_number, person_id, since) FROM STDIN (FORMAT BINARY, FREEZE);

-- number_generation --
-- Numbers that were generated
COPY number_generation (individual_number, resident_code, attempt, generated_at) FROM STDIN (FORMAT BINARY, FREEZE);

-- journal --
-- What happened
COPY journal (index, kind, recorded_at, leaf, salt, payload) FROM STDIN (FORMAT BINARY, FREEZE);

-- person_ids --
-- Take blocks of 1,000 person ids
SELECT nextval('person_block') FROM generate_series(1, %(blocks)s);

-- grow --
-- The tree over what was written
UPDATE tree SET size = %(size)s, root = %(root)s, frontier = %(frontier)s WHERE size = 0;

-- origins --
-- How far each municipality's notices are taken in
INSERT INTO origin_mark (origin, seq) SELECT * FROM unnest(%(origins)s::text[], %(seqs)s::bigint[]);

-- analyse_record --
-- Tell the planner what is in the columns by which it looks here
ANALYZE record (person_id);

-- analyse_person --
-- Tell the planner what is in the columns by which it looks here
ANALYZE person (person_id, birth_date, name_key, kana_key, municipality);

-- analyse_other_name --
-- Tell the planner what is in the columns by which it looks here
ANALYZE other_name (holder, search_key, birth_date);

-- analyse_code_succession --
-- Tell the planner what is in the columns by which it looks here
ANALYZE code_succession (resident_code);

-- analyse_number_succession --
-- Tell the planner what is in the columns by which it looks here
ANALYZE number_succession (individual_number);
