# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the journal says of a run of the index."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from openjuki.errors import IntegrityFailure
from openjuki.store.buckets.entries import Packed
from openjuki.store.buckets.manifest import Manifest, bucket_digest

SAMPLE = Path(__file__).parents[2] / "samples/v1/bulk-index.json"
ONE, OTHER = sha256(b"one").digest(), sha256(b"other").digest()


def test_a_manifest_comes_back():
    """What was written is read; its digests are SHA-256 over parts with their entries, and over buckets."""
    manifest = Manifest.of(7, [(ONE, 3), (OTHER, 2)], [(OTHER, 5)])

    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert manifest.parts_digest == sha256(ONE + bytes(7) + b"\x03" + OTHER + bytes(7) + b"\x02").digest()
    assert manifest.buckets_digest == sha256(OTHER).digest()
    assert (manifest.parts, manifest.entries, manifest.buckets) == (2, 5, 1)


def test_a_run_that_lost_an_entry_is_not_vouched_for():
    """Buckets hold as many entries as their parts gave, or the journal says nothing of them."""
    with pytest.raises(IntegrityFailure):
        Manifest.of(7, [(ONE, 3)], [(OTHER, 2)])


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b'{"schema":"openjuki/run-manifest/1"}', b'{"schema":"openjuki/run-manifest/2","run":1}'],
)
def test_other_bytes_are_no_manifest(raw):
    """Whatever is not of the schema is a damage."""
    with pytest.raises(IntegrityFailure):
        Manifest.from_bytes(raw)


def test_of_another_schema_is_no_manifest():
    """Every member may be there: what is of another schema may mean another thing by them."""
    raw = Manifest.of(7, [], []).to_bytes()

    with pytest.raises(IntegrityFailure):
        Manifest.from_bytes(raw.replace(b"run-manifest/1", b"run-manifest/2"))


def test_the_digest_of_a_bucket_tells_nothing_without_its_salt():
    """The same entries have another digest under another salt, and a byte does not move from one column to the other."""
    assert bucket_digest(ONE, b"ab", b"c") != bucket_digest(OTHER, b"ab", b"c")
    assert bucket_digest(ONE, b"ab", b"c") != bucket_digest(ONE, b"a", b"bc")


def test_a_bucket_of_the_first_version_is_read_for_ever():
    """The sample's bucket holds what the sample says, has its digest, and makes up the run of its manifest."""
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    kept = sample["bucket"]
    bucket = Packed(b64decode(kept["entries"]), b64decode(kept["strands"]))
    digest = bucket_digest(bytes.fromhex(kept["salt"]), *bucket)
    parts = [(bytes.fromhex(one["commitment"]), one["entries"]) for one in sample["parts"]]

    expected = [(one["code"], one["part"], one["row"]) for one in sample["entries"]]
    entries = bucket.unpack()
    assert [
        (f"{code:011}", part, row)
        for code, part, row in zip(entries.codes, entries.parts, entries.rows, strict=True)
    ] == expected
    assert digest.hex() == kept["digest"]
    assert Manifest.of(1, parts, [(digest, 3)]).to_bytes().decode() == sample["manifest"]
