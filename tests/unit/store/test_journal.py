# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openjuki.errors import IntegrityFailure
from openjuki.store.journal import Row
from openjuki.wire.leaf import commitment, leaf
from openjuki.wire.merkle import Tree, leaf_hash

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "tests/samples/v1/journal.json").read_text(encoding="utf-8"))["rows"]


def payload(vector) -> bytes:
    text = vector.get("payload_text")
    return bytes.fromhex(vector["payload"]) if text is None else text.encode()


def row(index: int) -> Row:
    vector = VECTORS[index]
    return Row(
        index=index,
        kind=vector["kind"],
        recorded_at=datetime.fromisoformat(json.loads(vector["leaf"])["time"]),
        leaf=vector["leaf"].encode(),
        salt=bytes.fromhex(vector["salt"]),
        payload=payload(vector),
    )


@pytest.mark.parametrize("index", range(len(VECTORS)), ids=[vector["kind"] for vector in VECTORS])
def test_the_vectors_are_replayed(index):
    """Commitment, leaf, leaf hash and root of every sample row are computed again, byte for byte."""
    vector, sample = VECTORS[index], row(index)
    committed = commitment(sample.salt, sample.payload)
    written = leaf(index, sample.kind, sample.recorded_at.astimezone(UTC), committed)
    tree = Tree.EMPTY.append(leaf_hash(vector["leaf"].encode()) for vector in VECTORS[: index + 1])

    assert vector["commitment"] == committed.hex()
    assert vector["leaf"] == written.decode()
    assert vector["leaf_hash"] == leaf_hash(written).hex()
    assert vector["root"] == tree.root.hex()
    sample.verify()


def test_a_leaf_of_another_row_is_seen():
    """A row under another row's leaf does not verify."""
    one, other = row(0), row(1)
    mixed = Row(
        index=0,
        kind=one.kind,
        recorded_at=one.recorded_at,
        leaf=other.leaf,
        salt=one.salt,
        payload=one.payload,
    )

    with pytest.raises(IntegrityFailure, match="row 0"):
        mixed.verify()


def test_the_page_shows_the_first_vector():
    """The example of docs/spec/journal.md is the first sample, and its table names every kind sampled."""
    page = (ROOT / "docs/spec/journal.md").read_text(encoding="utf-8")

    for item in ("salt", "commitment", "leaf", "leaf_hash"):
        assert VECTORS[0][item] in page
    kinds = set(re.findall(r"^\| `([a-z]+\.[a-z]+)`", page, flags=re.MULTILINE))
    assert kinds >= {vector["kind"] for vector in VECTORS}
