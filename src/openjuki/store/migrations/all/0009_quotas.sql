-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- How many persons a day an office may ask about for an affair.

-- nothing is no limit; a limit lets at least one person be asked about
ALTER TABLE held_affair
    ADD COLUMN per_day integer,
    ADD CONSTRAINT held_affair_allows_somebody CHECK (per_day >= 1);
COMMENT ON COLUMN held_affair.per_day IS '一日に照会できる人数の上限（なければ上限なし）';
