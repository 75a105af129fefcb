-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- Of an envelope is kept what the provider's journal says of it, and the leaves under its root (ADR 0029).

ALTER TABLE ledger_envelope
    ADD COLUMN salt bytea,
    ADD COLUMN payload bytea,
    ADD COLUMN leaves bytea,
    ADD CONSTRAINT ledger_envelope_salt_is_256_bits CHECK (octet_length(salt) = 32),
    ADD CONSTRAINT ledger_envelope_leaves_are_sha256 CHECK (octet_length(leaves) % 32 = 0);
COMMENT ON COLUMN ledger_envelope.salt IS '提供者の記録簿の行の塩';
COMMENT ON COLUMN ledger_envelope.payload IS '提供者の記録簿の行の内容';
COMMENT ON COLUMN ledger_envelope.leaves IS '照会ごとの行のコミットメント（順に連結）';
ALTER TABLE ledger_envelope ALTER COLUMN payload SET STORAGE EXTERNAL, ALTER COLUMN leaves SET STORAGE EXTERNAL;

-- Whoever puts an answer down has put down its line before; to look it up once more would cost as much as the answer.
ALTER TABLE ledger_answer DROP CONSTRAINT ledger_answer_line_fkey;
