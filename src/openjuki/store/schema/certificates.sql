-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- What other municipalities have told this one about people who are coming.

-- Certificates of moving out (転出証明書情報, 法24条の2第4項), erased 30 days after the planned day (令24条の4).
-- Of several copies the newest counts: a copy sent again corrects the one before.
CREATE TABLE certificate_of_moving_out (
    resident_code resident_code NOT NULL,
    sender local_government_code NOT NULL,
    stay integer NOT NULL,
    planned_on date NOT NULL,
    letter bytea NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (resident_code, sender, stay)
);
CREATE INDEX certificate_of_moving_out_planned ON certificate_of_moving_out (planned_on);
COMMENT ON TABLE certificate_of_moving_out IS '転出証明書情報（受領分）';
COMMENT ON COLUMN certificate_of_moving_out.sender IS '転出地の市区町村';
COMMENT ON COLUMN certificate_of_moving_out.stay IS '終わる居住の回次（本システム独自）';
COMMENT ON COLUMN certificate_of_moving_out.planned_on IS '転出の予定年月日';

GRANT SELECT, INSERT, UPDATE, DELETE ON certificate_of_moving_out TO juki_worker;
