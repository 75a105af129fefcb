-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Who may act at a node: its offices, their operators and terminals, and the affairs they hold.
-- Nothing here is deleted, and no id is given twice: the journal names operators and terminals by id for years.

-- An office within the node's organisation, such as the residents' division of a city.
CREATE TABLE office (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    since timestamptz NOT NULL,
    CONSTRAINT office_id_is_plain CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT office_has_a_name CHECK (name <> '')
);
COMMENT ON TABLE office IS '部署';

-- A person who acts for an office, from one moment until another (操作者, 法36条の2).
CREATE TABLE operator (
    id text COLLATE "C" PRIMARY KEY,
    office text COLLATE "C" NOT NULL REFERENCES office,
    name text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    CONSTRAINT operator_id_is_plain CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT operator_has_a_name CHECK (name <> ''),
    CONSTRAINT operator_ends_after_beginning CHECK (until >= since)
);
COMMENT ON TABLE operator IS '操作者';
COMMENT ON COLUMN operator.until IS '操作者でなくなる時（この時を含まない）';

-- A machine at which an office's operators act.
CREATE TABLE terminal (
    id text COLLATE "C" PRIMARY KEY,
    office text COLLATE "C" NOT NULL REFERENCES office,
    since timestamptz NOT NULL,
    until timestamptz,
    CONSTRAINT terminal_id_is_plain CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT terminal_ends_after_beginning CHECK (until >= since)
);
COMMENT ON TABLE terminal IS '端末';
COMMENT ON COLUMN terminal.until IS '使われなくなる時（この時を含まない）';

-- Which affairs of the statute book an office holds, and when it did.
CREATE TABLE held_affair (
    office text COLLATE "C" NOT NULL REFERENCES office,
    affair text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    per_day integer,
    PRIMARY KEY (office, affair, since),
    CONSTRAINT held_affair_ends_after_beginning CHECK (until >= since),
    -- nothing is no limit; a limit lets at least one person be asked about
    CONSTRAINT held_affair_allows_somebody CHECK (per_day >= 1)
);
-- an office holds an affair once at a time
CREATE UNIQUE INDEX held_affair_once ON held_affair (office, affair) WHERE until IS NULL;
COMMENT ON TABLE held_affair IS '担当事務';
COMMENT ON COLUMN held_affair.affair IS '事務（法令の台帳の番号）';
COMMENT ON COLUMN held_affair.per_day IS '一日に照会できる人数の上限（なければ上限なし）';

GRANT SELECT, INSERT ON office TO juki_worker;
GRANT SELECT, INSERT, UPDATE (until) ON operator, terminal, held_affair TO juki_worker;
