-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE code_designation (
    resident_code resident_code PRIMARY KEY,
    municipality local_government_code NOT NULL,
    request_id text NOT NULL,
    designated_at timestamptz NOT NULL,
    CONSTRAINT code_designation_code_is_digits CHECK (translate(resident_code, '0123456789', '') = '')
);
CREATE INDEX code_designation_request ON code_designation (municipality, request_id);
COMMENT ON TABLE code_designation IS '住民票コードの指定';

CREATE TABLE number_generation (
    individual_number individual_number PRIMARY KEY,
    resident_code resident_code NOT NULL,
    attempt integer NOT NULL,
    generated_at timestamptz NOT NULL,
    CONSTRAINT number_generation_number_is_digits CHECK (translate(individual_number, '0123456789', '') = ''),
    CONSTRAINT number_generation_attempt_is_once UNIQUE (resident_code, attempt)
);
COMMENT ON TABLE number_generation IS '個人番号の生成';

GRANT SELECT, INSERT ON code_designation, number_generation TO juki_worker;
