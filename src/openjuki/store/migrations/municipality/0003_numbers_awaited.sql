-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- Residents for whom the Centre is to generate a number (番号法8条1項), until it has answered.
CREATE TABLE number_request (
    resident_number text PRIMARY KEY,
    reason text NOT NULL,
    requested_at timestamptz NOT NULL
);
COMMENT ON TABLE number_request IS '個人番号の生成要求（回答待ち）';
COMMENT ON COLUMN number_request.resident_number IS '宛名番号';
COMMENT ON COLUMN number_request.reason IS '異動事由';

GRANT SELECT, INSERT, DELETE ON number_request TO juki_worker;
