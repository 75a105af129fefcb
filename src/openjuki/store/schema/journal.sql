-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- The journal and the links of every node. Bytes: docs/spec/journal.md.

-- The Merkle tree over the journal, as one row that is replaced whole: whoever extends it names the
-- size it extends, so that two sequencers cannot both win.
CREATE TABLE tree (
    singleton boolean PRIMARY KEY DEFAULT true,
    size bigint NOT NULL,
    root bytea NOT NULL,
    frontier bytea NOT NULL,
    -- there is one tree
    CONSTRAINT tree_is_one CHECK (singleton),
    CONSTRAINT tree_root_is_sha256 CHECK (octet_length(root) = 32),
    -- the frontier holds one hash for each perfect subtree: one for each bit that is set in the size
    CONSTRAINT tree_frontier_fits_size CHECK (octet_length(frontier) = 32 * bit_count(size::bit(64)))
);
COMMENT ON TABLE tree IS '木（記録簿のハッシュ木の現在値）';

-- What has happened and has no index yet. A business transaction inserts here; the sequencer empties it.
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

-- The book: a leaf is for ever, what it commits to may be erased.
CREATE TABLE journal (
    index bigint PRIMARY KEY,
    kind text NOT NULL,
    recorded_at timestamptz NOT NULL,
    leaf bytea NOT NULL,
    salt bytea,
    payload bytea,
    CONSTRAINT journal_index_counts_from_zero CHECK (index >= 0),
    -- a payload without its salt proves nothing, a salt without its payload could be guessed against
    CONSTRAINT journal_salt_goes_with_payload CHECK ((salt IS NULL) = (payload IS NULL))
);
COMMENT ON TABLE journal IS '記録簿';
COMMENT ON COLUMN journal.leaf IS '葉（消さない）';
COMMENT ON COLUMN journal.payload IS '記録内容（保存期間後に消去できる）';
ALTER TABLE journal ALTER COLUMN payload SET STORAGE EXTERNAL;

-- To whom this node's entries go, and the number the next entry will have.
CREATE TABLE link (
    recipient text PRIMARY KEY,
    next_seq bigint NOT NULL,
    acknowledged bigint NOT NULL DEFAULT 0,
    -- the journal that its numbers were given in: it was begun anew where the directory lists a later one
    journal integer NOT NULL DEFAULT 1,
    erased bigint NOT NULL DEFAULT 0,
    CONSTRAINT link_counts_from_one CHECK (next_seq >= 1),
    -- nobody can have what was never sent; says only what may be thrown away, never what to send
    CONSTRAINT link_acknowledges_what_was_sent CHECK (acknowledged BETWEEN 0 AND next_seq - 1),
    CONSTRAINT link_journal_counts_from_one CHECK (journal >= 1),
    -- what was passed on is kept until its recipient has it, and some time longer
    CONSTRAINT link_erases_what_was_acknowledged CHECK (erased BETWEEN 0 AND acknowledged)
);
COMMENT ON TABLE link IS '通知経路（送る側）';
COMMENT ON COLUMN link.journal IS '記録簿番号';
COMMENT ON COLUMN link.erased IS '転送内容を消去した連番';

-- The entries of a link: dense per recipient.
CREATE TABLE link_entry (
    recipient text NOT NULL,
    seq bigint NOT NULL,
    journal_index bigint NOT NULL,
    PRIMARY KEY (recipient, seq)
);
COMMENT ON TABLE link_entry IS '通知経路の連番';

-- Signed batches as they were formed, kept until the recipient has them: a repeated pull gets the same bytes.
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

-- How far this node has taken in another's link, and the sender's tree as it then was.
CREATE TABLE mark (
    sender text PRIMARY KEY,
    seq bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    updated_at timestamptz NOT NULL,
    journal integer NOT NULL DEFAULT 1,
    CONSTRAINT mark_counts_from_zero CHECK (seq >= 0 AND size >= 0),
    CONSTRAINT mark_root_is_sha256 CHECK (octet_length(root) = 32),
    CONSTRAINT mark_journal_counts_from_one CHECK (journal >= 1)
);
COMMENT ON TABLE mark IS '受領位置';
COMMENT ON COLUMN mark.journal IS '送る側の記録簿番号';

-- After a restore from an old backup the journal is begun anew as the node's next: with what stood in it then.
CREATE TABLE journal_begun (
    number integer PRIMARY KEY,
    size bigint NOT NULL,
    root bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    CONSTRAINT journal_begun_counts_from_two CHECK (number >= 2),
    CONSTRAINT journal_begun_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE journal_begun IS '記録簿の起こし直し';

-- Envelopes accepted once, remembered until they expire.
CREATE TABLE seen_envelope (
    sender text NOT NULL,
    id text NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (sender, id)
);
CREATE INDEX seen_envelope_expires ON seen_envelope (expires);
COMMENT ON TABLE seen_envelope IS '受付済み電文';

-- Notices that a rule refused, alone on the shelf with the code of the refusal, and those that wait behind them.
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

-- What somebody must look at. Names rules and keys, never a person's items.
CREATE TABLE alarm (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    detail jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    settled_at timestamptz
);
-- what is being said already is not said again
CREATE UNIQUE INDEX alarm_open ON alarm (kind, detail) WHERE settled_at IS NULL;
COMMENT ON TABLE alarm IS '警報';

INSERT INTO tree (size, root, frontier)
VALUES (0, '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '');

-- The worker may not take a leaf back, nor change what a leaf was: of a journal row it may only erase.
GRANT SELECT, UPDATE ON tree TO juki_worker;
GRANT SELECT, INSERT, DELETE ON journal_pending TO juki_worker;
GRANT SELECT, INSERT, UPDATE (salt, payload) ON journal TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON link TO juki_worker;
GRANT SELECT, INSERT, DELETE ON link_entry TO juki_worker;
GRANT SELECT, INSERT, DELETE ON link_batch TO juki_worker;
GRANT SELECT, INSERT, UPDATE ON mark TO juki_worker;
GRANT SELECT, INSERT, DELETE ON seen_envelope TO juki_worker;
GRANT SELECT, INSERT, UPDATE (code, released_at) ON held TO juki_worker;
GRANT SELECT, INSERT, UPDATE (settled_at) ON alarm TO juki_worker;
GRANT SELECT, INSERT ON journal_begun TO juki_worker;
GRANT SELECT ON journal_begun TO juki_signer;
