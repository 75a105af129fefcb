-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- find --
-- For each system with the credential that it showed: its office, when the credential is good, and the affairs held
SELECT
    system.office, credential.since, credential.until,
    (
        SELECT jsonb_object_agg(held.affair, held.per_day) FROM held_affair AS held
        WHERE held.office = system.office AND held.since <= %(at)s AND (held.until IS NULL OR held.until > %(at)s)
            AND (%(affairs)s::text[] IS NULL OR held.affair = ANY(%(affairs)s))
    )
FROM unnest(%(systems)s::text[], %(credentials)s::text[]) WITH ORDINALITY AS asked (system, credential, place)
LEFT JOIN credential ON credential.id = asked.credential AND credential.system = asked.system
LEFT JOIN system ON system.id = credential.system
ORDER BY asked.place;

-- known --
-- Whose each credential is, with the digest of its secret
SELECT credential.digest, credential.system, credential.id, system.office
FROM credential JOIN system ON system.id = credential.system;

-- add_system --
-- A new system; nothing happens where the id is taken
INSERT INTO system (id, office, name, since) VALUES (%(id)s, %(office)s, %(name)s, %(since)s) ON CONFLICT DO NOTHING;

-- add --
-- A new credential of a system; nothing happens where there is no such system
INSERT INTO credential (id, system, digest, since, until)
SELECT %(id)s, system.id, %(digest)s, %(since)s, %(until)s FROM system WHERE system.id = %(system)s;

-- end --
-- From this moment on a system's credentials are not good, all of them but one or one alone; returns which ended earlier for it
UPDATE credential SET until = greatest(since, %(at)s)
WHERE system = %(system)s
    AND (%(only)s::text IS NULL OR id = %(only)s)
    AND id IS DISTINCT FROM %(but)s::text
    AND (until IS NULL OR until > %(at)s)
RETURNING id;

-- systems --
-- Every system there ever was
SELECT id, office, name, since FROM system ORDER BY office, id;

-- credentials --
-- Every credential there ever was
SELECT id, system, since, until FROM credential ORDER BY system, since, id;
