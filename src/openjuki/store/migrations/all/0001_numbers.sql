-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

CREATE DOMAIN resident_code AS text COLLATE "C" CONSTRAINT resident_code_is_11_long CHECK (octet_length(VALUE) = 11);
CREATE DOMAIN individual_number AS text COLLATE "C"
    CONSTRAINT individual_number_is_12_long CHECK (octet_length(VALUE) = 12);
CREATE DOMAIN local_government_code AS text COLLATE "C"
    CONSTRAINT local_government_code_is_6_long CHECK (octet_length(VALUE) = 6);
CREATE DOMAIN recorded_date AS text COLLATE "C" CONSTRAINT recorded_date_says_something CHECK (VALUE <> '');
COMMENT ON DOMAIN resident_code IS '住民票コード';
COMMENT ON DOMAIN individual_number IS '個人番号';
COMMENT ON DOMAIN local_government_code IS '全国地方公共団体コード';
COMMENT ON DOMAIN recorded_date IS '記録された日付（不詳を含む）';
