-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- The numbers the law assigns and the dates it records, as every table writes them.

-- Length is checked wherever one is written, digits where one comes into being (designation, generation, stock):
-- everything else was parsed, and a regular expression costs as much as writing the row.
CREATE DOMAIN resident_code AS text COLLATE "C" CONSTRAINT resident_code_is_11_long CHECK (octet_length(VALUE) = 11);
CREATE DOMAIN individual_number AS text COLLATE "C"
    CONSTRAINT individual_number_is_12_long CHECK (octet_length(VALUE) = 12);
CREATE DOMAIN local_government_code AS text COLLATE "C"
    CONSTRAINT local_government_code_is_6_long CHECK (octet_length(VALUE) = 6);
-- As recorded: an ISO date where it is just a day, else the words (residents.dates reads both).
CREATE DOMAIN recorded_date AS text COLLATE "C" CONSTRAINT recorded_date_says_something CHECK (VALUE <> '');
COMMENT ON DOMAIN resident_code IS '住民票コード';
COMMENT ON DOMAIN individual_number IS '個人番号';
COMMENT ON DOMAIN local_government_code IS '全国地方公共団体コード';
COMMENT ON DOMAIN recorded_date IS '記録された日付（不詳を含む）';
