-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- find --
-- For each operator at a terminal: which offices they belong to, when they may act, and the affairs held with their limits
SELECT
    operator.office, operator.since, operator.until,
    terminal.office, terminal.since, terminal.until,
    (
        SELECT jsonb_object_agg(held.affair, held.per_day) FROM held_affair AS held
        WHERE held.office = operator.office AND held.since <= %(at)s AND (held.until IS NULL OR held.until > %(at)s)
            AND (%(affairs)s::text[] IS NULL OR held.affair = ANY(%(affairs)s))
    )
FROM unnest(%(operators)s::text[], %(terminals)s::text[]) WITH ORDINALITY AS asked (operator, terminal, place)
LEFT JOIN operator ON operator.id = asked.operator
LEFT JOIN terminal ON terminal.id = asked.terminal
ORDER BY asked.place;

-- add_office --
-- A new office; nothing happens where the id is taken
INSERT INTO office (id, name, since) VALUES (%(id)s, %(name)s, %(since)s) ON CONFLICT DO NOTHING;

-- add_operator --
-- A new operator; nothing happens where the id is taken
INSERT INTO operator (id, office, name, since, until)
VALUES (%(id)s, %(office)s, %(name)s, %(since)s, %(until)s)
ON CONFLICT DO NOTHING;

-- add_terminal --
-- A new terminal; nothing happens where the id is taken
INSERT INTO terminal (id, office, since) VALUES (%(id)s, %(office)s, %(since)s) ON CONFLICT DO NOTHING;

-- close_operator --
-- From this moment on the operator may not act; one who has already ended is left alone
UPDATE operator SET until = greatest(since, %(at)s) WHERE id = %(id)s AND (until IS NULL OR until > %(at)s);

-- close_terminal --
-- From this moment on nobody may act at the terminal
UPDATE terminal SET until = greatest(since, %(at)s) WHERE id = %(id)s AND (until IS NULL OR until > %(at)s);

-- grant_affair --
-- From this moment on the office holds the affair; nothing happens where it does already
INSERT INTO held_affair (office, affair, since, per_day)
VALUES (%(office)s, %(affair)s, %(at)s, %(per_day)s)
ON CONFLICT DO NOTHING;

-- withdraw_affair --
-- From this moment on the office does not hold the affair
UPDATE held_affair SET until = greatest(since, %(at)s)
WHERE office = %(office)s AND affair = %(affair)s AND until IS NULL;

-- offices --
-- Every office
SELECT id, name FROM office ORDER BY id;

-- operators --
-- Every operator there ever was
SELECT id, office, name, since, until FROM operator ORDER BY office, id;

-- terminals --
-- Every terminal there ever was
SELECT id, office, since, until FROM terminal ORDER BY office, id;

-- held --
-- Which office holds which affair at a moment, and about how many persons a day it may ask
SELECT office, affair, per_day FROM held_affair
WHERE since <= %(at)s AND (until IS NULL OR until > %(at)s)
ORDER BY office, affair;
