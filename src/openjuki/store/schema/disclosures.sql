-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

-- Requests of people to be told what is held about them (法30条の32), and what became of each.
-- What was asked and what was answered are erased together after a while; that it was asked stays.
CREATE TABLE disclosure (
    id text COLLATE "C" PRIMARY KEY,
    received_on date NOT NULL,
    due_on date NOT NULL,
    office text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    wants text[] NOT NULL,
    applicant text COLLATE "C" NOT NULL,
    identified_by text NOT NULL,
    consents boolean NOT NULL,
    question json,
    extended_to date,
    extended_for text,
    decided_at timestamptz,
    refusal text COLLATE "C",
    digest bytea,
    document bytea,
    CONSTRAINT disclosure_is_due_after_it_came CHECK (due_on >= received_on),
    CONSTRAINT disclosure_wants_something CHECK (cardinality(wants) >= 1),
    CONSTRAINT disclosure_applicant_is_known CHECK (applicant IN ('self', 'representative', 'delegate')),
    CONSTRAINT disclosure_is_extended_for_a_reason CHECK ((extended_to IS NULL) = (extended_for IS NULL)),
    CONSTRAINT disclosure_is_extended_beyond CHECK (extended_to > due_on),
    CONSTRAINT disclosure_is_answered_or_refused CHECK (digest IS NULL OR refusal IS NULL),
    CONSTRAINT disclosure_answer_has_its_time CHECK ((digest IS NULL AND refusal IS NULL) = (decided_at IS NULL)),
    CONSTRAINT disclosure_document_has_its_digest CHECK (document IS NULL OR sha256(document) = digest)
);
-- what is still to be answered, the most urgent first
CREATE INDEX disclosure_open ON disclosure (due_on) WHERE decided_at IS NULL;
CREATE INDEX disclosure_received ON disclosure (received_on);
COMMENT ON TABLE disclosure IS '自己の本人確認情報等の開示請求';
COMMENT ON COLUMN disclosure.received_on IS '受理した日';
COMMENT ON COLUMN disclosure.due_on IS '開示の期限（受理した日から起算して30日以内）';
COMMENT ON COLUMN disclosure.office IS '受理した部署';
COMMENT ON COLUMN disclosure.reason IS '受付番号';
COMMENT ON COLUMN disclosure.wants IS '請求の対象（本人確認情報・提供の記録）';
COMMENT ON COLUMN disclosure.applicant IS '請求者（本人・法定代理人・任意代理人）';
COMMENT ON COLUMN disclosure.identified_by IS '本人確認書類';
COMMENT ON COLUMN disclosure.consents IS '書面以外の方法による開示への同意';
COMMENT ON COLUMN disclosure.question IS '請求書に記載された本人の事項（消去の対象）';
COMMENT ON COLUMN disclosure.extended_to IS '延長後の期限';
COMMENT ON COLUMN disclosure.extended_for IS '期間内に開示できない理由';
COMMENT ON COLUMN disclosure.decided_at IS '開示又は不開示の日時';
COMMENT ON COLUMN disclosure.refusal IS '開示しない場合の規則';
COMMENT ON COLUMN disclosure.digest IS '開示した書面のハッシュ値';
COMMENT ON COLUMN disclosure.document IS '開示した書面（消去の対象）';

-- Claims that what was disclosed is wrong (法30条の35), and what was found.
CREATE TABLE disclosure_correction (
    disclosure text COLLATE "C" NOT NULL REFERENCES disclosure,
    number smallint NOT NULL,
    claimed_at timestamptz NOT NULL,
    claim text,
    found_at timestamptz,
    outcome text COLLATE "C",
    finding text,
    PRIMARY KEY (disclosure, number),
    CONSTRAINT disclosure_correction_counts_from_one CHECK (number >= 1),
    CONSTRAINT disclosure_correction_outcome_is_known
        CHECK (outcome IN ('corrected', 'passed_on', 'unchanged')),
    CONSTRAINT disclosure_correction_outcome_has_its_time CHECK ((outcome IS NULL) = (found_at IS NULL))
);
COMMENT ON TABLE disclosure_correction IS '自己の本人確認情報の訂正等の申出';
COMMENT ON COLUMN disclosure_correction.number IS '申出の順番';
COMMENT ON COLUMN disclosure_correction.claim IS '申出の内容（消去の対象）';
COMMENT ON COLUMN disclosure_correction.found_at IS '調査の結果を出した日時';
COMMENT ON COLUMN disclosure_correction.outcome IS '調査の結果（訂正・市町村長へ連絡・訂正せず）';
COMMENT ON COLUMN disclosure_correction.finding IS '結果の通知の内容（消去の対象）';

-- The worker never takes a request back, nor says anew what it was.
GRANT SELECT, INSERT ON disclosure, disclosure_correction TO juki_worker;
GRANT UPDATE (question, extended_to, extended_for, decided_at, refusal, digest, document) ON disclosure TO juki_worker;
GRANT UPDATE (claim, found_at, outcome, finding) ON disclosure_correction TO juki_worker;
