-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- designated --
-- Codes designated to a municipality under one request.
SELECT resident_code FROM code_designation
WHERE municipality = %(municipality)s AND request_id = %(request_id)s
ORDER BY resident_code

-- designate --
-- Designate those of the codes that nobody bears and nobody was given.
INSERT INTO code_designation (resident_code, municipality, request_id, designated_at)
SELECT code, %(municipality)s, %(request_id)s, %(at)s
FROM unnest(%(codes)s::text[]) AS drawn (code)
WHERE NOT EXISTS (SELECT FROM code_succession WHERE resident_code = code)
ON CONFLICT (resident_code) DO NOTHING
RETURNING resident_code

-- undesignated --
-- Those of the codes that were never designated and that nobody bears.
SELECT code FROM unnest(%(codes)s::text[]) AS asked (code)
WHERE NOT EXISTS (SELECT FROM code_designation WHERE resident_code = code)
  AND NOT EXISTS (SELECT FROM code_succession WHERE resident_code = code)

-- strangers --
-- Those of the codes that were designated to others, and whose bearers live elsewhere
SELECT code FROM unnest(%(codes)s::text[]) AS asked (code)
WHERE NOT EXISTS (
    SELECT FROM code_designation WHERE resident_code = code AND municipality = %(municipality)s
) AND NOT EXISTS (
    SELECT FROM code_succession
    JOIN person USING (person_id)
    JOIN record USING (person_id, stay, version)
    WHERE code_succession.resident_code = code AND record.origin = %(municipality)s
)

-- generated --
-- The latest number generated from each code.
SELECT DISTINCT ON (resident_code) resident_code, attempt, individual_number
FROM number_generation
WHERE resident_code = ANY (%(codes)s)
ORDER BY resident_code, attempt DESC

-- generate --
-- Keep those of the numbers that no one has or had.
INSERT INTO number_generation (individual_number, resident_code, attempt, generated_at)
SELECT number, code, attempt, %(at)s
FROM unnest(%(numbers)s::text[], %(codes)s::text[], %(attempts)s::integer[]) AS derived (number, code, attempt)
WHERE NOT EXISTS (SELECT FROM number_succession WHERE individual_number = number)
ON CONFLICT (individual_number) DO NOTHING
RETURNING resident_code
