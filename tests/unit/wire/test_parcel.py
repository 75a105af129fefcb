# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parcels on media: opened by whom they go to, as they were signed, and by nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.network import CENTRE, CHIYODA, NOON, TOKYO
from openjuki.errors import (
    BadEnvelope,
    ForgedEnvelope,
    MisaddressedEnvelope,
    OversizedMessage,
    UnlistedNode,
)
from openjuki.pki.keys import NodeKeys
from openjuki.wire.parcel import (
    MOST,
    Enclosed,
    Parcel,
    What,
    read_answer,
    read_parcel,
    write_answer,
    write_parcel,
)
from openjuki.wire.sealing import seal, sign_sealed

if TYPE_CHECKING:
    from openjuki.wire.directory import Directory

    type Keys = dict[str, NodeKeys]

PARCEL = Parcel(
    network="test",
    sender=CHIYODA,
    recipient=CENTRE,
    number=7,
    what=What.REQUEST,
    request="0" * 32,
    issued=NOON,
    files=(Enclosed("keys-0000.bin", 12, b"\x01" * 32),),
    body=b"sealed",
)


def written(keys: Keys, directory: Directory, **header: Any) -> bytes:
    """A document whose header says something else than a parcel could."""
    public = directory.sealing_key(CENTRE, at=NOON)
    sealed = seal(PARCEL.body, {CENTRE: public}, PARCEL.context())
    return sign_sealed(Parcel.PAYLOAD_TYPE, PARCEL.header() | header, sealed, keys[CHIYODA], most=MOST)


def test_a_parcel_is_opened_by_whom_it_goes_to(keys: Keys, directory: Directory):
    """Header, files and body come out as they went in."""
    raw = write_parcel(PARCEL, keys=keys[CHIYODA], directory=directory)

    assert read_parcel(raw, keys=keys[CENTRE], directory=directory) == PARCEL
    assert b"sealed" not in raw.split(b"\n")[0]
    with pytest.raises(MisaddressedEnvelope):
        read_parcel(raw, keys=keys[TOKYO], directory=directory)


def test_what_was_changed_on_the_way_is_forged(keys: Keys, directory: Directory):
    """One bit of the sealed content."""
    raw = write_parcel(PARCEL, keys=keys[CHIYODA], directory=directory)

    with pytest.raises(ForgedEnvelope):
        read_parcel(raw[:-1] + bytes([raw[-1] ^ 1]), keys=keys[CENTRE], directory=directory)


def test_a_strangers_parcel_is_not_read(keys: Keys, directory: Directory):
    """Signed by nobody that the directory lists, or in another's name."""
    stranger = NodeKeys.generate(CHIYODA)
    raw = write_parcel(PARCEL, keys=stranger, directory=directory)
    with pytest.raises((ForgedEnvelope, UnlistedNode)):
        read_parcel(raw, keys=keys[CENTRE], directory=directory)

    raw = write_parcel(replace(PARCEL, sender=TOKYO), keys=keys[CHIYODA], directory=directory)
    with pytest.raises(ForgedEnvelope):
        read_parcel(raw, keys=keys[CENTRE], directory=directory)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"network": "other"}, id="another network"),
        pytest.param({"number": 0}, id="a number before the first"),
        pytest.param({"number": 2**31}, id="a number that no book has"),
        pytest.param({"what": "gift"}, id="something unknown"),
        pytest.param({"request": "x"}, id="no request"),
        pytest.param({"files": [["../etc/passwd", 1, "0" * 64]]}, id="a path for a name"),
        pytest.param({"files": [["keys-0000.bin", 0, "0" * 64]]}, id="an empty file"),
        pytest.param({"files": [["keys-0000.bin", 1, "0" * 64]] * 2}, id="two files of one name"),
        pytest.param({"files": [["keys-0000.bin", 1]]}, id="a file without its digest"),
        pytest.param({"files": [[f"keys-{n:04}.bin", 1, "0" * 64] for n in range(65)]}, id="too many"),
    ],
)
def test_a_malformed_parcel_is_refused(keys: Keys, directory: Directory, header: dict[str, Any]):
    """Whatever its sender signed: names lead nowhere else, and each item is of its form."""
    with pytest.raises(BadEnvelope):
        read_parcel(written(keys, directory, **header), keys=keys[CENTRE], directory=directory)


def test_a_parcel_opens_only_as_what_it_was_sealed(keys: Keys, directory: Directory):
    """A sealed body that is put under another number does not open."""
    with pytest.raises(MisaddressedEnvelope):
        read_parcel(written(keys, directory, number=8), keys=keys[CENTRE], directory=directory)


def test_no_document_is_longer_than_a_reader_reads(keys: Keys, directory: Directory):
    """Beyond that nothing is looked at."""
    with pytest.raises(OversizedMessage):
        read_parcel(bytes(MOST + 1), keys=keys[CENTRE], directory=directory)


def test_an_answer_is_read_as_it_was_written():
    """What became of a request, and what opens each part."""
    assert read_answer(write_answer(b"progress", (b"one", b"two"))) == (b"progress", (b"one", b"two"))
    with pytest.raises(BadEnvelope):
        read_answer(orjson.dumps({"progress": "", "parts": ["?"]}))
