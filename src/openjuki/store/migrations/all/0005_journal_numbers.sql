-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE mark
    ADD COLUMN journal integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT mark_journal_counts_from_one CHECK (journal >= 1);
COMMENT ON COLUMN mark.journal IS '送る側の記録簿番号';

ALTER TABLE link
    ADD COLUMN journal integer NOT NULL DEFAULT 1,
    ADD COLUMN erased bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT link_journal_counts_from_one CHECK (journal >= 1),
    ADD CONSTRAINT link_erases_what_was_acknowledged CHECK (erased BETWEEN 0 AND acknowledged);
COMMENT ON COLUMN link.journal IS '記録簿番号';
COMMENT ON COLUMN link.erased IS '転送内容を消去した連番';

CREATE TABLE journal_begun (
    number integer PRIMARY KEY,
    size bigint NOT NULL,
    root bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    CONSTRAINT journal_begun_counts_from_two CHECK (number >= 2),
    CONSTRAINT journal_begun_root_is_sha256 CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE journal_begun IS '記録簿の起こし直し';

GRANT DELETE ON link_entry TO juki_worker;
GRANT SELECT, INSERT ON journal_begun TO juki_worker;
GRANT SELECT ON journal_begun TO juki_signer;
