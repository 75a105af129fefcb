-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- issued --
-- What a town should have told: the row of its register in which each version of each stay was reached
SELECT DISTINCT ON (resident_number, stay, version)
    stay, version, reason, resident_code, individual_number, name,
    CASE WHEN nationality IS NULL THEN furigana END AS furigana, -- foreign residents have none (法30条の45)
    former_surname,
    former_surname_furigana, alias, birth_date, sex, municipality, town, block, building
FROM resident_record
WHERE version >= 1
ORDER BY resident_number, stay, version, history_number;

-- recorded --
-- What an upper tier recorded, and from whom
SELECT origin, stay, version, reason, resident_code, individual_number, name, furigana, former_surname,
    former_surname_furigana, alias, birth_date_recorded, birth_date, sex, municipality, address
FROM record;

-- folded --
-- Everything an upper tier knows of its persons, in the order of the fold
SELECT person_id, stay, version, municipality, reason, date_of_change, recorded_at, resident_code, individual_number,
    birth_date, sex, predecessor_municipality, predecessor_stay, digest
FROM record
ORDER BY person_id, stay, version;

-- pointed --
-- Where an upper tier says that its persons stand
SELECT person_id, stay, version, state FROM person;

-- applied --
-- Notices taken in, by the journal: all, and different ones
SELECT count(*), count(DISTINCT (payload_json ->> 'origin', payload_json ->> 'seq'))
FROM (
    SELECT convert_from(payload, 'UTF8')::jsonb AS payload_json FROM journal WHERE kind = 'notice.applied'
) AS applied;

-- sent --
-- Notices of a town: how many its link to the prefecture carries
SELECT coalesce(max(seq), 0) FROM link_entry WHERE recipient = %(recipient)s;

-- held --
-- Notices on the shelf
SELECT count(*) FROM held WHERE released_at IS NULL;

-- residents --
-- Residents of a town
SELECT count(*) FROM resident WHERE state IN ('resident', 'move_out_planned');

-- latencies --
-- From a town's commit to the Centre's, in milliseconds, of everything recorded since a moment
SELECT extract(epoch FROM received_at - recorded_at) * 1000 FROM record WHERE recorded_at >= %(since)s;

-- standing --
-- Current identification information, in the order of the codes
SELECT record.resident_code, record.individual_number, name, furigana, former_surname, former_surname_furigana,
    alias, birth_date_recorded, record.birth_date, sex, record.municipality, address
FROM person JOIN record USING (person_id, stay, version)
WHERE state = 'resident'
ORDER BY record.resident_code;

-- pending --
-- Whether a node has something to sequence
SELECT 1 FROM journal_pending LIMIT 1;

-- awaited --
-- Whether a resident of a town waits for a number
SELECT 1 FROM number_request LIMIT 1;

-- links --
-- How far this node's links reach, by recipient
SELECT recipient, next_seq - 1 FROM link;

-- marks --
-- How far this node has taken in others' links, by sender
SELECT sender, seq FROM mark;

-- provision_rows --
-- What a provider has written of what it was asked, in envelopes that its journal commits to
SELECT provision.commitment
FROM journal
JOIN provision_envelope AS envelope
    ON envelope.commitment = decode(convert_from(leaf, 'UTF8')::jsonb ->> 'commitment', 'hex')
JOIN provision ON envelope_id = envelope.id
WHERE kind = 'provision.envelope';

-- provisions --
-- What a provider answered: affair, result, through whom, and under which articles
SELECT affair, result, through, articles FROM provision JOIN provision_envelope AS envelope ON envelope_id = envelope.id;

-- unreceipted --
-- Envelopes whose answers nobody has confirmed
SELECT count(*) FROM provision_envelope WHERE receipted_at IS NULL;

-- released --
-- What an asker was told, request by request, with what its providers promised to have recorded
SELECT content FROM ledger_answer;

-- vouched --
-- Whether any witness has confirmed a journal
SELECT 1 FROM cosignature LIMIT 1;

-- size --
-- How many rows a journal has
SELECT size FROM tree;

-- signed --
-- Whether so many rows are under a checkpoint
SELECT 1 FROM checkpoint WHERE size >= %(size)s LIMIT 1;

-- part_rows --
-- What a provider's journal commits to of what it told in bulk
SELECT decode(convert_from(leaf, 'UTF8')::jsonb ->> 'commitment', 'hex') FROM journal WHERE kind = 'provision.part';

-- parts --
-- Parts that a provider recorded: by what method, how many keys were answered, and how many persons were told about
SELECT method, answered, rows FROM provision_part;

-- parts_released --
-- Parts that an asker has: what their rows in the provider's journal say
SELECT provider, salt, payload FROM bulk_received JOIN bulk_request USING (line);
