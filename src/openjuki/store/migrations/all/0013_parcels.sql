-- SPDX-FileCopyrightText: The OpenJuki contributors
-- SPDX-License-Identifier: Apache-2.0
-- A parcel: its document's digest, and which request it is about.
CREATE TABLE parcel (
    direction text COLLATE "C" NOT NULL,
    peer text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    what text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (direction, peer, number),
    CONSTRAINT parcel_goes_out_or_comes_in CHECK (direction IN ('out', 'in')),
    CONSTRAINT parcel_counts_from_one CHECK (number >= 1),
    CONSTRAINT parcel_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE parcel IS '媒体による授受';
COMMENT ON COLUMN parcel.direction IS '引渡し又は受領の別';
COMMENT ON COLUMN parcel.peer IS '相手方の機関';
COMMENT ON COLUMN parcel.number IS '相手方ごとの番号';
COMMENT ON COLUMN parcel.what IS '媒体の内容';
COMMENT ON COLUMN parcel.request IS '一括照会の番号';
COMMENT ON COLUMN parcel.digest IS '媒体の文書の要約値';
COMMENT ON COLUMN parcel.at IS '引き渡した又は受領した日時';

-- What changed hands is never changed afterwards.
GRANT SELECT, INSERT ON parcel TO juki_worker;
