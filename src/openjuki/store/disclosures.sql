-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- codes --
-- Every resident code that a person has had, the present one last; every one of them stands in a notice
SELECT resident_code, since, until FROM code_succession
WHERE person_id = %(person)s AND resident_code = ANY(ARRAY(
    SELECT resident_code FROM record WHERE person_id = %(person)s
    UNION SELECT previous_resident_code FROM record WHERE person_id = %(person)s
))
ORDER BY until NULLS LAST, since, resident_code;

-- provisions --
-- What was told about a person, each question once, the newest first; what may not be confirmed is left out before anything is counted
SELECT envelope_id, place, envelope.commitment, at, asker, through, affair, method, what, keys, result, articles, items,
    mine.number, mine.salt,
    NOT EXISTS (
        SELECT FROM provision_person AS other
        WHERE other.envelope_id = mine.envelope_id AND other.place = mine.place AND other.person_id <> mine.person_id
    ),
    provision.salt, provision.payload
FROM provision_person AS mine
JOIN provision USING (envelope_id, place)
JOIN provision_envelope AS envelope ON envelope.id = envelope_id
WHERE mine.person_id = %(person)s AND affair <> ALL(%(withheld)s::text[]) AND asker <> ALL(%(withheld)s::text[])
    -- an answer that showed two candidates who turned out to be one told about this person once
    AND NOT EXISTS (
        SELECT FROM provision_person AS first
        WHERE first.envelope_id = mine.envelope_id AND first.place = mine.place AND first.person_id = mine.person_id
            AND first.number < mine.number
    )
ORDER BY at DESC, envelope_id, place, mine.number;

-- leaves --
-- The leaves under the roots of envelopes, in their order; none where one is missing between
SELECT envelope_id, array_agg(commitment ORDER BY place) FROM provision WHERE envelope_id = ANY(%(envelopes)s)
GROUP BY envelope_id HAVING max(place) = count(*) - 1;

-- rows --
-- Rows of the journal about envelopes
SELECT index, salt, payload FROM journal WHERE index = ANY(%(indexes)s);

-- receive --
-- A request has come
INSERT INTO disclosure (id, received_on, due_on, office, reason, wants, applicant, identified_by, consents, question)
VALUES (
    %(id)s, %(received_on)s, %(due_on)s, %(office)s, %(reason)s, %(wants)s, %(applicant)s, %(identified_by)s,
    %(consents)s, %(question)s
);

-- find --
-- One request, held until the end of the transaction
SELECT id, received_on, due_on, office, reason, wants, applicant, identified_by, consents, question, extended_to,
    extended_for, decided_at, refusal, digest, document
FROM disclosure WHERE id = %(id)s FOR UPDATE;

-- requests --
-- Requests of an office, what is still open first and of that the most urgent
SELECT id, received_on, due_on, office, reason, wants, applicant, identified_by, consents, NULL, extended_to,
    extended_for, decided_at, refusal, digest, NULL
FROM disclosure WHERE office = coalesce(%(office)s, office)
ORDER BY decided_at IS NOT NULL, coalesce(extended_to, due_on), received_on, id LIMIT %(limit)s;

-- extend --
-- It cannot be answered in time, and why
UPDATE disclosure SET extended_to = %(until)s, extended_for = %(why)s WHERE id = %(id)s;

-- answer --
-- It was answered
UPDATE disclosure SET decided_at = %(at)s, digest = %(digest)s, document = %(document)s WHERE id = %(id)s;

-- refuse --
-- It was refused
UPDATE disclosure SET decided_at = %(at)s, refusal = %(refusal)s WHERE id = %(id)s;

-- claim --
-- Somebody says that what was disclosed is wrong
INSERT INTO disclosure_correction (disclosure, number, claimed_at, claim)
SELECT %(id)s, 1 + count(*), %(at)s, %(claim)s FROM disclosure_correction WHERE disclosure = %(id)s
RETURNING number;

-- found --
-- What was found of it, said once
UPDATE disclosure_correction SET found_at = %(at)s, outcome = %(outcome)s, finding = %(finding)s
WHERE disclosure = %(id)s AND number = %(number)s AND found_at IS NULL;

-- corrections --
-- What was claimed of one disclosure, the first first
SELECT number, claimed_at, claim, found_at, outcome, finding FROM disclosure_correction
WHERE disclosure = %(id)s ORDER BY number;

-- erase --
-- Erase what was asked and answered long enough ago
UPDATE disclosure SET question = NULL, document = NULL
WHERE decided_at < %(before)s AND (question IS NOT NULL OR document IS NOT NULL);

-- erase_claims --
-- Erase what was claimed and found long enough ago
UPDATE disclosure_correction SET claim = NULL, finding = NULL
WHERE found_at < %(before)s AND (claim IS NOT NULL OR finding IS NOT NULL);
