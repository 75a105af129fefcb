-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- raise --
-- Say that somebody must look, unless it is being said already
INSERT INTO alarm (kind, detail, raised_at)
SELECT kind, detail, %(at)s FROM unnest(%(kinds)s::text[], %(details)s::jsonb[]) AS raised (kind, detail)
ON CONFLICT DO NOTHING;

-- open --
-- What somebody must look at
SELECT id, kind, detail, raised_at FROM alarm WHERE settled_at IS NULL ORDER BY id;

-- settle --
-- Somebody has looked
UPDATE alarm SET settled_at = %(at)s WHERE id = ANY(%(ids)s) AND settled_at IS NULL;

-- settle_all --
-- What these say is over
UPDATE alarm SET settled_at = %(at)s
FROM unnest(%(kinds)s::text[], %(details)s::jsonb[]) AS over (kind, detail)
WHERE alarm.kind = over.kind AND alarm.detail = over.detail AND settled_at IS NULL;

-- settle_about --
-- What they say is over
UPDATE alarm SET settled_at = %(at)s WHERE kind = %(kind)s AND detail @> %(about)s AND settled_at IS NULL;
