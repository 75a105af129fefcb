-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

CREATE TABLE tree (
    singleton boolean PRIMARY KEY DEFAULT true,
    size bigint NOT NULL,
    root bytea NOT NULL,
    frontier bytea NOT NULL,
    CONSTRAINT tree_is_one CHECK (singleton),
    CONSTRAINT tree_root_is_sha256 CHECK (octet_length(root) = 32),
    CONSTRAINT tree_frontier_fits_size CHECK (octet_length(frontier) = 32 * bit_count(size::bit(64)))
);
COMMENT ON TABLE tree IS '木（記録簿のハッシュ木の現在値）';

CREATE TABLE journal_pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    recorded_at timestamptz NOT NULL,
    commitment bytea NOT NULL,
    salt bytea NOT NULL,
    payload bytea NOT NULL,
    recipients text[] NOT NULL,
    CONSTRAINT journal_pending_commitment_is_sha256 CHECK (octet_length(commitment) = 32),
    CONSTRAINT journal_pending_salt_is_256_bits CHECK (octet_length(salt) = 32)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE journal_pending IS '記録簿の待ち行（番号付与前）';
ALTER TABLE journal_pending ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE TABLE journal (
    index bigint PRIMARY KEY,
    kind text NOT NULL,
    recorded_at timestamptz NOT NULL,
    leaf bytea NOT NULL,
    salt bytea,
    payload bytea,
    CONSTRAINT journal_index_counts_from_zero CHECK (index >= 0),
    CONSTRAINT journal_salt_goes_with_payload CHECK ((salt IS NULL) = (payload IS NULL))
);
COMMENT ON TABLE journal IS '記録簿';
COMMENT ON COLUMN journal.leaf IS '葉（消さない）';
COMMENT ON COLUMN journal.payload IS '記録内容（保存期間後に消去できる）';
ALTER TABLE journal ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE TABLE link (
    recipient text PRIMARY KEY,
    next_seq bigint NOT NULL,
    acknowledged bigint NOT NULL DEFAULT 0,
    CONSTRAINT link_counts_from_one CHECK (next_seq >= 1),
    CONSTRAINT link_acknowledges_what_was_sent CHECK (acknowledged BETWEEN 0 AND next_seq - 1)
);
COMMENT ON TABLE link IS '通知経路（送る側）';

CREATE TABLE link_entry (
    recipient text NOT NULL,
    seq bigint NOT NULL,
    journal_index bigint NOT NULL,
    PRIMARY KEY (recipient, seq)
);
COMMENT ON TABLE link_entry IS '通知経路の連番';

CREATE TABLE link_batch (
    recipient text NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    document bytea NOT NULL,
    PRIMARY KEY (recipient, first_seq),
    CONSTRAINT link_batch_is_not_empty CHECK (last_seq >= first_seq)
);
COMMENT ON TABLE link_batch IS '署名済み通知束（受領まで保持）';
ALTER TABLE link_batch ALTER COLUMN document SET STORAGE EXTERNAL;

CREATE TABLE mark (
    sender text PRIMARY KEY,
    seq bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT mark_counts_from_zero CHECK (seq >= 0 AND size >= 0),
    CONSTRAINT mark_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE mark IS '受領位置';

CREATE TABLE seen_envelope (
    sender text NOT NULL,
    id text NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (sender, id)
);
CREATE INDEX seen_envelope_expires ON seen_envelope (expires);
COMMENT ON TABLE seen_envelope IS '受付済み電文';

CREATE TABLE held (
    origin text NOT NULL,
    seq bigint NOT NULL,
    resident_code text,
    code text NOT NULL,
    notice bytea NOT NULL,
    held_at timestamptz NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (origin, seq)
);
CREATE INDEX held_waiting ON held (resident_code) WHERE released_at IS NULL;
COMMENT ON TABLE held IS '保留通知';

CREATE TABLE alarm (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    detail jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    settled_at timestamptz
);
CREATE UNIQUE INDEX alarm_open ON alarm (kind, detail) WHERE settled_at IS NULL;
COMMENT ON TABLE alarm IS '警報';

INSERT INTO tree (size, root, frontier)
VALUES (0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '');

GRANT SELECT, UPDATE ON tree TO juki_worker;
GRANT SELECT, INSERT, DELETE ON journal_pending TO juki_worker;
GRANT SELECT, INSERT, UPDATE (salt, payload) ON journal TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON link TO juki_worker;
GRANT SELECT, INSERT ON link_entry TO juki_worker;
GRANT SELECT, INSERT, DELETE ON link_batch TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON mark TO juki_worker;
GRANT SELECT, INSERT, DELETE ON seen_envelope TO juki_worker;
GRANT SELECT, INSERT, UPDATE (code, released_at) ON held TO juki_worker;
GRANT SELECT, INSERT, UPDATE (settled_at) ON alarm TO juki_worker;
