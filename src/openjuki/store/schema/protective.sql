-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- Protective measures (支援措置) for residents whom somebody threatens. They belong to the resident's record and never
-- leave the municipality: whoever asks is told whether something may be given, and nothing of this table.
CREATE TABLE protective_measure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resident_number text COLLATE "C" NOT NULL REFERENCES resident,
    since date NOT NULL,
    until date NOT NULL,
    provisional boolean NOT NULL,
    office text COLLATE "C" NOT NULL,
    entered_at timestamptz NOT NULL,
    lifted_at timestamptz,
    CONSTRAINT protective_measure_ends_after_beginning CHECK (until >= since),
    CONSTRAINT protective_measure_lasts_a_year_at_most CHECK (until < since + interval '1 year')
);
CREATE INDEX protective_measure_resident ON protective_measure (resident_number);
COMMENT ON TABLE protective_measure IS '支援措置（住民基本台帳事務における支援措置。市区町村の外に出さない）';
COMMENT ON COLUMN protective_measure.since IS '開始の日';
COMMENT ON COLUMN protective_measure.until IS '終了の日（この日を含む。期間は1年以内）';
COMMENT ON COLUMN protective_measure.provisional IS '仮の支援措置';
COMMENT ON COLUMN protective_measure.office IS '登録した部署';
COMMENT ON COLUMN protective_measure.entered_at IS '登録日時';
COMMENT ON COLUMN protective_measure.lifted_at IS '解除した日時';

-- The worker adds and lifts; what was is not said anew.
GRANT SELECT, INSERT, UPDATE (lifted_at) ON protective_measure TO juki_worker;
