# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A list of keys in chunks, and what goes between an agency and who tells it of changes: as written, so read."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjuki.errors import BadEnvelope
from openjuki.nodes.clientele.meaning import KEY_IS_FOREIGN_TO_CURSOR
from openjuki.wire import key_list
from openjuki.wire.bulk import KeyKind
from openjuki.wire.clientele import (
    MOST_KEYS,
    PAGE,
    ClienteleAsk,
    Cursor,
    Meaning,
    State,
    Told,
    Turn,
    Wanted,
    pages,
    read_page,
    read_receipt,
    write_receipt,
)

ASK = ClienteleAsk(
    id="0" * 32,
    affair="state-118",
    office="適用課",
    operator="system:kounen-sys",
    terminal="system:kounen-sys",
    reason="受給権者の異動",
    holds=True,
    kind=KeyKind.RESIDENT_CODE,
    cursor=Cursor(1, 42),
    keys=2,
    chunks=(b"\x01" * 32,),
)
TOLD = Told("10000000012", Meaning.DIED, ("state",), {"state": "died", "name": "小島　正郎"}, "法30条の9")


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 10**12 - 1), min_size=1, max_size=300))
def test_a_list_is_read_as_it_was_written(keys: set[int]):
    """However the keys lie, near or a trillion apart, each comes back."""
    listed = np.array(sorted(keys), np.int64)

    (chunk,) = key_list.chunks(listed)

    assert key_list.read(chunk).tolist() == listed.tolist()


def test_a_long_list_is_cut_and_its_chunks_are_small():
    """Codes as far apart as a tenth of a nation's take two bytes each, and a chunk fits a message."""
    listed = np.arange(600_000, dtype=np.int64) * 9_973 + 10_000_000_000

    written = list(key_list.chunks(listed))

    assert [len(key_list.read(one)) for one in written] == [262_144, 262_144, 75_712]
    assert np.array_equal(np.concatenate([key_list.read(one) for one in written]), listed)
    assert max(map(len, written)) < 900_000


def _chunk(first: int, count: int, planes: bytes) -> bytes:
    return struct.pack("<qI", first, count) + zlib.compress(planes)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"short", id="shorter than a head"),
        pytest.param(_chunk(-1, 1, b""), id="a negative key"),
        pytest.param(_chunk(10**12, 1, b""), id="a key of thirteen digits"),
        pytest.param(_chunk(0, 0, b""), id="no key"),
        pytest.param(_chunk(0, 262_145, bytes(5 * 262_144)), id="more keys than a chunk has"),
        pytest.param(_chunk(0, 2, bytes(5)), id="the same key twice"),
        pytest.param(_chunk(10**12 - 1, 2, b"\x01\0\0\0\0"), id="beyond the last key"),
        pytest.param(_chunk(0, 2, b"\x01\0\0\0"), id="a plane too short"),
        pytest.param(_chunk(0, 2, b"\x01\0\0\0\0\0"), id="more than the planes"),
        pytest.param(_chunk(0, 2, b"\x01\0\0\0\0") + b"x", id="something behind the stream"),
        pytest.param(_chunk(0, 2, b"\x01\0\0\0\0")[:-1], id="a stream cut off"),
        pytest.param(struct.pack("<qI", 0, 2) + b"nonsense", id="no stream"),
    ],
)
def test_what_is_no_chunk_is_refused(raw: bytes):
    """A stranger's bytes become ascending keys or nothing."""
    with pytest.raises(BadEnvelope):
        key_list.read(raw)


def test_a_stream_that_inflates_without_end_is_not_followed():
    """Inflating stops where the keys that were announced end."""
    bomb = struct.pack("<qI", 0, 2) + zlib.compress(bytes(50_000_000), 9)

    with pytest.raises(BadEnvelope, match="inflate"):
        key_list.read(bomb)


@pytest.mark.parametrize("cursor", [None, Cursor(2, 0)], ids=["the first time", "later"])
def test_an_ask_is_read_as_it_was_written(cursor: Cursor | None):
    """Who asks about whom since when."""
    ask = ClienteleAsk.from_bytes(ASK.to_bytes())
    other = ClienteleAsk.from_bytes(
        orjson.dumps({**orjson.loads(ASK.to_bytes()), "cursor": cursor and cursor._asdict()})
    )

    assert ask == ASK
    assert other.cursor == cursor


@pytest.mark.parametrize(
    "items",
    [
        pytest.param({"kind": "four_items"}, id="names are no keys of a list"),
        pytest.param({"keys": 0}, id="an empty list"),
        pytest.param({"keys": MOST_KEYS + 1}, id="longer than a list may be"),
        pytest.param({"chunks": []}, id="no chunk"),
        pytest.param({"cursor": {"journal": 0, "size": 1}}, id="a journal numbered nought"),
        pytest.param({"holds": "yes"}, id="a word instead of true"),
    ],
)
def test_a_malformed_ask_is_refused(items: dict):
    """Each item is of its form, and there are as many chunks as keys need."""
    with pytest.raises(BadEnvelope):
        ClienteleAsk.from_bytes(orjson.dumps({**orjson.loads(ASK.to_bytes()), **items}))


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(Turn(state=State.BEGUN, cursor=Cursor(1, 7)), id="begun"),
        pytest.param(
            Turn(
                state=State.READY,
                cursor=Cursor(1, 9),
                more=True,
                changes=1,
                pages=1,
                payload=b"{}",
                salt=b"s" * 32,
                promise=b"{}\n",
            ),
            id="ready",
        ),
        pytest.param(Turn(state=State.REFUSED, refusal=KEY_IS_FOREIGN_TO_CURSOR), id="refused"),
        pytest.param(Turn(state=State.FAILED, code="JK-PEER-0002"), id="failed"),
    ],
)
def test_a_turn_is_read_as_it_was_written(turn: Turn):
    """With the page beside it, byte for byte."""
    assert Turn.from_bytes(turn.to_bytes(b"a\nb")) == (turn, b"a\nb")


@pytest.mark.parametrize(
    "items",
    [
        {"state": "elsewhere"},
        {"refusal": {}},
        {"pages": -1},
        {"payload": "?"},
        {"code": "JK\0"},
        {"pages": 2**40},
        {"changes": 4_001, "pages": 1},
        {"changes": 4_000_000, "pages": 1_000},
    ],
    ids=[
        "an unknown state",
        "a refusal without its sentence",
        "less than no pages",
        "no base64",
        "no code",
        "pages without a change",
        "too few pages",
        "more changes than a turn looks at",
    ],
)
def test_a_malformed_turn_is_refused(items: dict):
    """What comes back is of its form too."""
    head = orjson.loads(Turn(state=State.READY).to_bytes())

    with pytest.raises(BadEnvelope):
        Turn.from_bytes(orjson.dumps({**head, **items}))


def test_changes_are_told_page_by_page():
    """No page has more than fits a message, and each line comes back as it was."""
    lines = [TOLD._replace(key=f"{number:011d}").to_bytes() for number in range(PAGE + 1)]

    written = pages(lines)

    assert [len(read_page(one)) for one in written] == [PAGE, 1]
    assert read_page(written[1]) == [TOLD._replace(key=f"{PAGE:011d}")]
    assert pages([]) == []


@pytest.mark.parametrize(
    "items",
    [
        {"meaning": "vanished"},
        {"key": "abc"},
        {"key": 1},
        {"changed": [1]},
        {"items": None},
        {"items": {"name": [[]]}},
        {"items": {"birth_date": {"text": {}}}},
    ],
    ids=[
        "an unknown meaning",
        "letters for a key",
        "a number for a key",
        "no item",
        "no items",
        "an item that is a list",
        "a date within a date",
    ],
)
def test_a_malformed_line_is_refused(items: dict):
    """A change says which key, what, and with which items."""
    with pytest.raises(BadEnvelope):
        Told.from_bytes(orjson.dumps({**TOLD._asdict(), **items}))


def test_what_is_pulled_and_receipted_is_read_as_it_was_written():
    """A turn, a place in it, and the row of the provider."""
    assert Wanted.from_bytes(Wanted("1" * 32, 3).to_bytes()) == ("1" * 32, 3)
    assert Wanted.from_bytes(Wanted("1" * 32).to_bytes()).place is None
    assert read_receipt(write_receipt("1" * 32, b"\x02" * 32)) == ("1" * 32, b"\x02" * 32)


def test_the_samples_of_the_specification_are_read():
    """A chunk and a change, byte for byte as they were released."""
    path = Path(__file__).parents[2] / "samples/v1/clientele.json"
    samples = orjson.loads(path.read_bytes())

    told = Told.from_bytes(samples["told"].encode())

    assert key_list.read(bytes.fromhex(samples["chunk"])).tolist() == samples["keys"]
    assert (told.key, told.meaning, told.changed) == ("10000000012", Meaning.MOVED_WITHIN, ("address",))
    assert told.to_bytes().decode() == samples["told"]
