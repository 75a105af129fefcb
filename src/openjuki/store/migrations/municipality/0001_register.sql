-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE resident_record (
    resident_number text NOT NULL,
    history_number integer NOT NULL,
    stay integer NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL,
    action text NOT NULL,
    state text NOT NULL,
    date_of_change date NOT NULL,
    change_notified_on date,
    recorded_at timestamptz NOT NULL,
    predecessor_municipality local_government_code,
    predecessor_stay integer,
    destination_municipality local_government_code,
    destination_address text,
    resident_code resident_code NOT NULL,
    individual_number individual_number,
    name text NOT NULL,
    furigana text,
    former_surname text,
    former_surname_furigana text,
    alias text,
    name_latin text,
    name_kanji text,
    birth_date recorded_date NOT NULL,
    sex text NOT NULL,
    municipality local_government_code NOT NULL,
    town text NOT NULL,
    block text NOT NULL,
    building text NOT NULL,
    postal_code text,
    machiaza_id text,
    household_number text,
    relationship text,
    registered_domicile text,
    head_of_koseki text,
    became_resident_on recorded_date,
    address_settled_on recorded_date,
    notified_on recorded_date,
    previous_address text,
    nationality text,
    became_foreign_resident_on recorded_date,
    residence_category text,
    residence_status text,
    residence_period text,
    residence_expires_on recorded_date,
    residence_card_number text,
    PRIMARY KEY (resident_number, history_number),
    CONSTRAINT resident_record_counts_from_one CHECK (history_number >= 1 AND stay >= 1 AND version >= 0),
    CONSTRAINT resident_record_action_is_lawful CHECK (action IN ('記載', '消除', '修正')),
    CONSTRAINT resident_record_sex_is_recorded CHECK (sex IN ('male', 'female', 'unknown')),
    CONSTRAINT resident_record_predecessor_is_whole
        CHECK ((predecessor_municipality IS NULL) = (predecessor_stay IS NULL))
);
COMMENT ON TABLE resident_record IS '住民票（異動履歴）';
COMMENT ON COLUMN resident_record.resident_number IS '宛名番号';
COMMENT ON COLUMN resident_record.history_number IS '履歴番号';
COMMENT ON COLUMN resident_record.stay IS '居住回次（本システム独自）';
COMMENT ON COLUMN resident_record.version IS '更新順番号';
COMMENT ON COLUMN resident_record.reason IS '異動事由';
COMMENT ON COLUMN resident_record.action IS '記載・消除・修正の別';
COMMENT ON COLUMN resident_record.state IS '住民状態';
COMMENT ON COLUMN resident_record.date_of_change IS '異動年月日';
COMMENT ON COLUMN resident_record.change_notified_on IS '異動の届出年月日';
COMMENT ON COLUMN resident_record.recorded_at IS '処理日時';
COMMENT ON COLUMN resident_record.predecessor_municipality IS '転入前の市区町村';
COMMENT ON COLUMN resident_record.predecessor_stay IS '転入前の居住回次';
COMMENT ON COLUMN resident_record.destination_municipality IS '転出先の市区町村';
COMMENT ON COLUMN resident_record.destination_address IS '転出先住所';
COMMENT ON COLUMN resident_record.resident_code IS '住民票コード';
COMMENT ON COLUMN resident_record.individual_number IS '個人番号';
COMMENT ON COLUMN resident_record.name IS '氏名';
COMMENT ON COLUMN resident_record.furigana IS '氏名の振り仮名';
COMMENT ON COLUMN resident_record.former_surname IS '旧氏';
COMMENT ON COLUMN resident_record.former_surname_furigana IS '旧氏の振り仮名';
COMMENT ON COLUMN resident_record.alias IS '通称';
COMMENT ON COLUMN resident_record.name_latin IS '氏名（アルファベット）';
COMMENT ON COLUMN resident_record.name_kanji IS '氏名（漢字）';
COMMENT ON COLUMN resident_record.birth_date IS '生年月日';
COMMENT ON COLUMN resident_record.sex IS '性別';
COMMENT ON COLUMN resident_record.municipality IS '市区町村';
COMMENT ON COLUMN resident_record.town IS '町字';
COMMENT ON COLUMN resident_record.block IS '番地以下';
COMMENT ON COLUMN resident_record.building IS '方書';
COMMENT ON COLUMN resident_record.postal_code IS '郵便番号';
COMMENT ON COLUMN resident_record.machiaza_id IS '町字ID';
COMMENT ON COLUMN resident_record.household_number IS '世帯番号';
COMMENT ON COLUMN resident_record.relationship IS '続柄';
COMMENT ON COLUMN resident_record.registered_domicile IS '本籍';
COMMENT ON COLUMN resident_record.head_of_koseki IS '筆頭者';
COMMENT ON COLUMN resident_record.became_resident_on IS '住民となった年月日';
COMMENT ON COLUMN resident_record.address_settled_on IS '住所を定めた年月日';
COMMENT ON COLUMN resident_record.notified_on IS '届出の年月日';
COMMENT ON COLUMN resident_record.previous_address IS '転入前住所';
COMMENT ON COLUMN resident_record.nationality IS '国籍・地域';
COMMENT ON COLUMN resident_record.became_foreign_resident_on IS '外国人住民となった年月日';
COMMENT ON COLUMN resident_record.residence_category IS '法30条の45の区分';
COMMENT ON COLUMN resident_record.residence_status IS '在留資格';
COMMENT ON COLUMN resident_record.residence_period IS '在留期間';
COMMENT ON COLUMN resident_record.residence_expires_on IS '在留期間の満了の日';
COMMENT ON COLUMN resident_record.residence_card_number IS '在留カード等の番号';

CREATE TABLE resident (
    resident_number text PRIMARY KEY,
    history_number integer NOT NULL,
    state text NOT NULL,
    resident_code resident_code NOT NULL,
    individual_number individual_number,
    household_number text,
    birth_date date NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    kana_key text COLLATE "C",
    CONSTRAINT resident_code_is_one_persons UNIQUE (resident_code)
) WITH (fillfactor = 90);
CREATE INDEX resident_household ON resident (household_number);
CREATE INDEX resident_name ON resident (name_key);
CREATE INDEX resident_kana ON resident (kana_key);
COMMENT ON TABLE resident IS '住民（現在の履歴番号と検索キー）';
COMMENT ON COLUMN resident.resident_number IS '宛名番号';
COMMENT ON COLUMN resident.birth_date IS '生年月日（並べ替え用）';
COMMENT ON COLUMN resident.name_key IS '氏名検索キー';
COMMENT ON COLUMN resident.kana_key IS '清音化かな氏名';

CREATE TABLE code_stock (
    resident_code resident_code PRIMARY KEY,
    draw_order bigint NOT NULL,
    designated_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT code_stock_code_is_digits CHECK (translate(resident_code, '0123456789', '') = '')
);
CREATE INDEX code_stock_unused ON code_stock (draw_order) WHERE used_at IS NULL;
COMMENT ON TABLE code_stock IS '空きコード';
COMMENT ON COLUMN code_stock.draw_order IS '抽出順（無作為）';

CREATE SEQUENCE resident_serial;
CREATE SEQUENCE household_serial;

GRANT USAGE ON SEQUENCE resident_serial, household_serial TO juki_worker;
GRANT SELECT, INSERT ON resident_record TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON resident TO juki_worker;
GRANT SELECT, INSERT, UPDATE (used_at) ON code_stock TO juki_worker;
