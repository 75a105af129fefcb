-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- How operators sign in to the page of their office: a passkey says who, a token of the browser says at which terminal.
-- What would let somebody in (codes, tokens) is kept as a SHA-256 digest only, so that a copy of the book opens nothing.

-- A one-time code by which an operator enrols a passkey, at one terminal, within a quarter of an hour.
CREATE TABLE passkey_invitation (
    digest bytea PRIMARY KEY,
    operator text COLLATE "C" NOT NULL REFERENCES operator,
    terminal text COLLATE "C" NOT NULL REFERENCES terminal,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT invitation_is_a_digest CHECK (octet_length(digest) = 32),
    CONSTRAINT invitation_is_short CHECK (expires_at > issued_at AND expires_at <= issued_at + interval '1 day')
);
COMMENT ON TABLE passkey_invitation IS 'パスキー登録用の一回限りの番号';

-- A passkey of an operator: its public key; the private one never leaves the operator's device.
CREATE TABLE passkey (
    credential bytea PRIMARY KEY,
    operator text COLLATE "C" NOT NULL REFERENCES operator,
    public_key bytea NOT NULL,
    uses bigint NOT NULL,
    enrolled_at timestamptz NOT NULL,
    used_at timestamptz,
    withdrawn_at timestamptz,
    CONSTRAINT credential_has_a_sensible_size CHECK (octet_length(credential) BETWEEN 1 AND 1023),
    CONSTRAINT uses_are_counted_up CHECK (uses >= 0)
);
CREATE INDEX passkey_by_operator ON passkey (operator);
COMMENT ON TABLE passkey IS 'パスキー（操作者の認証）';
COMMENT ON COLUMN passkey.uses IS '認証器が数えた使用回数（複製の検知）';

-- What a passkey is asked to sign: once, soon, and by the browser that was asked.
CREATE TABLE passkey_challenge (
    challenge bytea PRIMARY KEY,
    visit bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT challenge_cannot_be_guessed CHECK (octet_length(challenge) = 32),
    CONSTRAINT visit_is_a_digest CHECK (octet_length(visit) = 32)
);
CREATE INDEX passkey_challenge_by_end ON passkey_challenge (expires_at);
COMMENT ON TABLE passkey_challenge IS 'パスキーに署名させる値';

-- By what a browser is known as a terminal of the office: set when a passkey is enrolled there.
CREATE TABLE terminal_token (
    digest bytea PRIMARY KEY,
    terminal text COLLATE "C" NOT NULL REFERENCES terminal,
    issued_at timestamptz NOT NULL,
    CONSTRAINT terminal_token_is_a_digest CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE terminal_token IS '端末の目印';

-- An operator who is signed in, from one moment until another at the latest; idle for too long, it is locked.
CREATE TABLE session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    operator text COLLATE "C" NOT NULL REFERENCES operator,
    terminal text COLLATE "C" NOT NULL REFERENCES terminal,
    opened_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    locked_at timestamptz,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT session_is_a_digest CHECK (octet_length(digest) = 32),
    CONSTRAINT session_lasts_a_day_at_most CHECK (expires_at > opened_at AND expires_at <= opened_at + interval '1 day')
);
CREATE INDEX session_by_operator ON session (operator) WHERE ended_at IS NULL;
COMMENT ON TABLE session IS 'サインイン中の操作者';
COMMENT ON COLUMN session.seen_at IS '最後に操作した時';
COMMENT ON COLUMN session.locked_at IS '画面をロックした時';

GRANT SELECT, INSERT, UPDATE (used_at) ON passkey_invitation TO juki_worker;
GRANT SELECT, INSERT, UPDATE (uses, used_at, withdrawn_at) ON passkey TO juki_worker;
GRANT SELECT, INSERT, DELETE ON passkey_challenge TO juki_worker;
GRANT SELECT, INSERT ON terminal_token TO juki_worker;
GRANT SELECT, INSERT, UPDATE (digest, seen_at, locked_at, ended_at) ON session TO juki_worker;
