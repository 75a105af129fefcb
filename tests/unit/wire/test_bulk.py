# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests, manifests and receipts of provision in bulk, the chunks between them, and the columns within."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc

from openjuki.config import Kind
from openjuki.errors import BadEnvelope, ForgedEnvelope
from openjuki.law.basis import Key, Method
from openjuki.pki.keys import NodeKeys
from openjuki.refusal import Refusal
from openjuki.residents.look_up import Result
from openjuki.wire.answered import (
    BulkReceipt,
    Manifest,
    PartReply,
    ReceiptedPart,
    read_bulk_receipt,
    read_manifest,
)
from openjuki.wire.bulk import (
    KEY_SIZE,
    MOST_PART_ROWS,
    MOST_PARTS,
    RESULT_BYTES,
    RESULTS,
    BulkRequest,
    KeyKind,
    KeyPart,
    Progress,
    Pulling,
    Standing,
    StateAt,
    read_named,
    write_named,
)
from openjuki.wire.chunks import CHUNK_SIZE, Place, count, cut, digests, open_chunk, seal_chunk, seal_part
from openjuki.wire.columns import BATCH_ROWS, KEY_SCHEMAS, answer_schema, read_columns, write_columns
from openjuki.wire.directory import Directory, Node

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
KEY = bytes(range(KEY_SIZE))
PART = KeyPart(rows=3, size=900, chunks=(sha256(b"a").digest(),))
REQUEST = BulkRequest(
    id="ab" * 16,
    affair="tax",
    office="tax-office",
    operator="system:tax",
    terminal="system:tax",
    reason="2026",
    method=Method.BULK,
    holds=True,
    kind=KeyKind.RESIDENT_CODE,
    parts=(PART, PART),
    key=KEY,
)
NO = Refusal(code="JK-LAW-0001", rule="r", article=None, message_ja="不可", message_en="no")
PROGRESS = Progress(
    request=REQUEST.id,
    standing=Standing.RUNNING,
    parts=2,
    answered=1,
    receipted=1,
    results={Result.MATCHED: 2, Result.NONE: 1},
)
PLACE = Place("agency-tax", "centre", REQUEST.id, 0, answers=True)


def changed(body: bytes, **members: object) -> bytes:
    """A body of which some members are others."""
    return orjson.dumps({**orjson.loads(body), **members})


def test_a_request_is_read_as_it_was_written():
    """Who asks for what, by which keys, and the digests of all that will be pulled."""
    assert BulkRequest.from_bytes(REQUEST.to_bytes()) == REQUEST
    assert REQUEST.rows == 6


def test_the_key_of_a_request_is_not_shown():
    """A request that is printed into a log does not open the chunks."""
    assert repr(KEY) not in repr(REQUEST)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"id": "x"}, id="an id that is none"),
        pytest.param({"kind": "shoe_size"}, id="a kind of key that is none"),
        pytest.param({"method": "by pigeon"}, id="a method that is none"),
        pytest.param({"key": "AAAA"}, id="a key of another length"),
        pytest.param({"parts": []}, id="no keys"),
        pytest.param({"parts": [PART.to_dict()] * (MOST_PARTS + 1)}, id="too many parts"),
        pytest.param({"parts": [{**PART.to_dict(), "rows": MOST_PART_ROWS + 1}]}, id="too long a part"),
        pytest.param({"parts": [{**PART.to_dict(), "rows": MOST_PART_ROWS}] * 39}, id="too many keys"),
        pytest.param({"parts": [{**PART.to_dict(), "rows": 0}]}, id="an empty part"),
        pytest.param({"parts": [{**PART.to_dict(), "chunks": []}]}, id="a part without chunks"),
        pytest.param(
            {"parts": [{**PART.to_dict(), "size": CHUNK_SIZE + 1}]}, id="fewer chunks than its size has"
        ),
        pytest.param({"holds": 1}, id="a word that is neither yes nor no"),
    ],
)
def test_a_malformed_request_is_refused(members: dict[str, object]):
    """Nothing is begun for what cannot be read."""
    with pytest.raises(BadEnvelope):
        BulkRequest.from_bytes(changed(REQUEST.to_bytes(), **members))


def test_four_items_are_four_keys_in_the_law():
    """What the law opens is said of name, birth date, sex and address, one by one."""
    assert KeyKind.FOUR_ITEMS.keys == {Key.NAME, Key.BIRTH_DATE, Key.SEX, Key.ADDRESS}
    assert KeyKind.RESIDENT_CODE.keys == {Key.RESIDENT_CODE}


def test_every_result_has_its_byte():
    """A result that is added must get a byte of its own, and keep it."""
    assert set(RESULT_BYTES) == set(Result)
    assert [RESULTS[byte] for byte in range(1, 13)] == list(RESULT_BYTES)


@pytest.mark.parametrize(
    "progress",
    [
        pytest.param(PROGRESS, id="it runs"),
        pytest.param(replace(PROGRESS, standing=Standing.REFUSED, refusal=NO), id="a rule said no"),
        pytest.param(
            replace(PROGRESS, standing=Standing.WAITING, code="JK-X-0001", known=True), id="it waits"
        ),
    ],
)
def test_progress_is_read_as_it_was_written(progress: Progress):
    """How far it is, what the results are, and why not where it is refused."""
    assert Progress.from_bytes(progress.to_bytes()) == progress


#: A refusal as a node says it.
SAID = Refusal(code="JK-LAW-0001", rule="no", article=None, message_ja="不可", message_en="No.").to_dict()


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"answered": 3}, id="more answered than there is"),
        pytest.param({"receipted": 2}, id="more receipted than answered"),
        pytest.param({"standing": "asleep"}, id="a standing that is none"),
        pytest.param({"results": {"married": 1}}, id="a result that is none"),
        pytest.param({"refusal": {"code": "JK"}}, id="a refusal without its sentence"),
        pytest.param({"refusal": SAID | {"code": "JK-LAW-0001\n"}}, id="a code of another form"),
        pytest.param({"refusal": SAID | {"rule": "No\0"}}, id="a rule of another form"),
        pytest.param({"refusal": SAID | {"article": "法\0"}}, id="an article with U+0000"),
        pytest.param({"refusal": SAID | {"message_ja": "\x1b[2J"}}, id="a sentence that moves the cursor"),
        pytest.param({"refusal": SAID | {"message_en": "x" * 1001}}, id="a sentence without an end"),
        pytest.param({"refusal": SAID | {"message_en": 1}}, id="a sentence that is a number"),
        pytest.param({"code": "JK-\0"}, id="a code with U+0000"),
        pytest.param({"code": "JK-PEER-0001" * 100_000}, id="a code without an end"),
    ],
)
def test_malformed_progress_is_refused(members: dict[str, object]):
    """An asker does not believe what contradicts itself."""
    with pytest.raises(BadEnvelope):
        Progress.from_bytes(changed(PROGRESS.to_bytes(), **members))


def test_only_what_waits_or_runs_goes_on():
    """Done, refused, cancelled and failed are the end."""
    assert {one for one in Standing if not one.is_final} == {Standing.WAITING, Standing.RUNNING}


@pytest.mark.parametrize(
    "pulling", [Pulling(REQUEST.id, 3, 17), Pulling(REQUEST.id, 0)], ids=["chunk", "manifest"]
)
def test_what_is_pulled_is_named(pulling: Pulling):
    """A chunk by its number; without one, the manifest is meant."""
    assert Pulling.from_bytes(pulling.to_bytes()) == pulling


def test_a_request_is_named():
    """To ask about it, or to call it off."""
    assert read_named(write_named(REQUEST.id)) == REQUEST.id


@given(content=st.binary(max_size=200), chunk=st.integers(0, 5000))
def test_a_chunk_opens_to_what_was_sealed(content: bytes, chunk: int):
    """At its place, under its key, and sealing it again gives the same bytes."""
    sealed = seal_chunk(content, KEY, PLACE, chunk)

    assert open_chunk(sealed, KEY, PLACE, chunk, sha256(sealed).digest()) == content
    assert seal_chunk(content, KEY, PLACE, chunk) == sealed
    assert seal_chunk(content + b"x", KEY, PLACE, chunk)[:12] != sealed[:12]


@pytest.mark.parametrize(
    ("place", "chunk", "key"),
    [
        pytest.param(PLACE._replace(part=1), 0, KEY, id="of another part"),
        pytest.param(PLACE._replace(answers=False), 0, KEY, id="of the other way"),
        pytest.param(PLACE._replace(asker="agency-other"), 0, KEY, id="for somebody else"),
        pytest.param(PLACE, 1, KEY, id="another chunk"),
        pytest.param(PLACE, 0, bytes(32), id="under another key"),
    ],
)
def test_a_chunk_opens_nowhere_else(place: Place, chunk: int, key: bytes):
    """What was sealed for one place is nothing at another."""
    sealed = seal_chunk(b"x", KEY, PLACE, 0)
    with pytest.raises(BadEnvelope):
        open_chunk(sealed, key, place, chunk, sha256(sealed).digest())


def test_a_chunk_that_was_not_announced_is_refused():
    """One byte, and it is another."""
    sealed = seal_chunk(b"x", KEY, PLACE, 0)
    with pytest.raises(ForgedEnvelope):
        open_chunk(sealed[:-1] + b"?", KEY, PLACE, 0, sha256(sealed).digest())
    with pytest.raises(BadEnvelope):
        open_chunk(b"short", KEY, PLACE, 0, sha256(b"short").digest())


@pytest.mark.parametrize("size", [0, 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE])
def test_a_part_is_cut_and_put_together(size: int):
    """As many chunks as are counted, none of them larger than is carried."""
    content = bytes(size)
    sealed = seal_part(content, KEY, PLACE)

    assert len(sealed) == count(size) == len(list(cut(content)))
    assert max(map(len, sealed)) <= 900_000
    assert content == b"".join(
        open_chunk(one, KEY, PLACE, number, digest)
        for number, (one, digest) in enumerate(zip(sealed, digests(sealed), strict=True))
    )


@pytest.fixture(scope="module")
def keys() -> dict[str, NodeKeys]:
    """Keys of who asks, who provides, and a stranger."""
    return {node: NodeKeys.generate(node) for node in ("agency-tax", "centre", "agency-other")}


@pytest.fixture(scope="module")
def directory(keys: dict[str, NodeKeys]) -> Directory:
    """A directory that lists them."""
    return Directory(
        network="sample",
        version=1,
        issued=AT,
        expires=AT + timedelta(days=1),
        nodes={
            node: Node.of(
                one, Kind.CENTRE if node == "centre" else Kind.AGENCY, "", prefecture=None, since=AT
            )
            for node, one in keys.items()
        },
    )


MANIFEST = Manifest(
    network="sample",
    asker="agency-tax",
    provider="centre",
    request=REQUEST.id,
    part=1,
    rows=3,
    size=900,
    chunks=(sha256(b"c").digest(),),
    articles=("法30条の9",),
    items=("name", "state"),
    results={Result.MATCHED: 2, Result.NONE: 1},
    state=StateAt(17, sha256(b"r").digest(), AT),
    time=AT,
    row=sha256(b"row").digest(),
)
RECEIPT = BulkReceipt(
    network="sample",
    asker="agency-tax",
    provider="centre",
    time=AT,
    request=REQUEST.id,
    parts=(ReceiptedPart.of(0, b"m0"), ReceiptedPart.of(1, b"m1")),
)


def test_a_manifest_is_the_providers_word(keys: dict[str, NodeKeys], directory: Directory):
    """It is read as it was signed, and only when the provider that it names has signed it."""
    read = read_manifest(MANIFEST.sign(keys["centre"]), directory=directory, at=AT)

    assert read == MANIFEST
    assert read.place == PLACE._replace(part=1)
    with pytest.raises(ForgedEnvelope):
        read_manifest(MANIFEST.sign(keys["agency-other"]), directory=directory, at=AT)


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(replace(MANIFEST, network="another"), id="of another network"),
        pytest.param(replace(MANIFEST, size=CHUNK_SIZE + 1), id="fewer chunks than its size has"),
        pytest.param(replace(MANIFEST, rows=4), id="fewer results than rows"),
        pytest.param(replace(MANIFEST, part=MOST_PARTS), id="a part beyond the last"),
        pytest.param(replace(MANIFEST, articles=("法\0",)), id="an article with U+0000"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(
    manifest: Manifest, keys: dict[str, NodeKeys], directory: Directory
):
    """Before anything is pulled for it."""
    with pytest.raises(BadEnvelope):
        read_manifest(manifest.sign(keys["centre"]), directory=directory, at=AT)


def test_a_manifest_comes_with_what_opens_it():
    """The key of its chunks, and the row that the journal has of it."""
    reply = PartReply(manifest=b'{"a":\n1}', key=KEY, payload=b"{}", salt=bytes(32), promise=b"p\nq")

    assert PartReply.from_bytes(reply.to_bytes()) == reply
    assert repr(KEY) not in repr(reply)


def test_a_receipt_is_the_askers_word(keys: dict[str, NodeKeys], directory: Directory):
    """It is read as it was signed, and only when the asker that it names has signed it."""
    assert read_bulk_receipt(RECEIPT.sign(keys["agency-tax"]), directory=directory, at=AT) == RECEIPT
    with pytest.raises(ForgedEnvelope):
        read_bulk_receipt(RECEIPT.sign(keys["agency-other"]), directory=directory, at=AT)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((), id="of no part"),
        pytest.param((ReceiptedPart.of(0, b"a"), ReceiptedPart.of(0, b"b")), id="of one part twice"),
        pytest.param((ReceiptedPart(0, b""),), id="of a part without its manifest"),
        pytest.param((ReceiptedPart(MOST_PARTS, bytes(32)),), id="of a part beyond the last"),
    ],
)
def test_a_receipt_of_nothing_is_refused(
    parts: tuple[ReceiptedPart, ...], keys: dict[str, NodeKeys], directory: Directory
):
    """A receipt says which parts, each once."""
    with pytest.raises(BadEnvelope):
        read_bulk_receipt(replace(RECEIPT, parts=parts).sign(keys["agency-tax"]), directory=directory, at=AT)


CODES = pa.table({"resident_code": pa.array([71334917066, None, 5], pa.int64())})


def test_columns_are_read_as_they_were_written():
    """Keys with their gaps; the same table always gives the same bytes, however it lay in memory."""
    raw = write_columns(CODES)
    pieces = pa.concat_tables([CODES.slice(0, 1), CODES.slice(1)])

    assert read_columns(raw, KEY_SCHEMAS[KeyKind.RESIDENT_CODE], 3).equals(CODES)
    assert write_columns(pieces) == raw


def test_an_answer_has_result_article_and_the_granted_items():
    """In the order of the grant, days as days and numbers as numbers."""
    schema = answer_schema(("name", "resident_code", "date_of_change"))
    table = pa.table(
        [
            pa.array([1], pa.uint8()),
            pa.array([0], pa.uint8()),
            pa.array(["小島　正郎"]),
            pa.array([71334917066]),
            pa.array([date(2026, 4, 1)]),
        ],
        schema=schema,
    )

    assert read_columns(write_columns(table), schema, 1).equals(table)


def test_many_rows_are_written_in_batches():
    """So that neither side need hold them twice."""
    table = pa.table({"resident_code": pa.array(range(BATCH_ROWS + 1), pa.int64())})
    read = read_columns(write_columns(table), KEY_SCHEMAS[KeyKind.RESIDENT_CODE], BATCH_ROWS + 1)

    assert [len(chunk) for chunk in read.column(0).chunks] == [BATCH_ROWS, 1]


def test_columns_are_compressed_as_fast_as_it_goes():
    """Smaller than they are, and larger than LZ4 at its usual level would have them."""
    address = pa.array([f"静岡県静岡市葵区太田町{number}番地{number % 7}" for number in range(BATCH_ROWS)])
    table = pa.table([address] * 4, schema=KEY_SCHEMAS[KeyKind.FOUR_ITEMS])

    assert written(table, "lz4") < len(write_columns(table)) < written(table, None)


def written(table: pa.Table, compression: str | None) -> int:
    """How many bytes a table is in a stream."""
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, table.schema, options=ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return len(sink.getvalue())


def crooked() -> bytes:
    """A stream whose text is no UTF-8: it opens, and does not validate."""
    name = pa.StringArray.from_buffers(
        1, pa.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00"), pa.py_buffer(b"\xff\xfe")
    )
    text = pa.array(["x"])
    return write_columns(pa.table([name, text, text, text], schema=KEY_SCHEMAS[KeyKind.FOUR_ITEMS]))


@pytest.mark.parametrize(
    ("raw", "kind", "rows"),
    [
        pytest.param(b"no stream", KeyKind.RESIDENT_CODE, 3, id="no stream at all"),
        pytest.param(write_columns(CODES)[:-40], KeyKind.RESIDENT_CODE, 3, id="one that is cut off"),
        pytest.param(write_columns(CODES), KeyKind.INDIVIDUAL_NUMBER, 3, id="of another kind of key"),
        pytest.param(write_columns(CODES), KeyKind.RESIDENT_CODE, 4, id="with fewer rows than announced"),
        pytest.param(crooked(), KeyKind.FOUR_ITEMS, 1, id="with text that is none"),
        pytest.param(
            write_columns(CODES.replace_schema_metadata({"a": "b"})),
            KeyKind.RESIDENT_CODE,
            3,
            id="with more to say",
        ),
    ],
)
def test_columns_that_are_not_as_agreed_are_refused(raw: bytes, kind: KeyKind, rows: int):
    """Whatever a peer sends, nothing is looked up by it before it is what it should be."""
    with pytest.raises(BadEnvelope):
        read_columns(raw, KEY_SCHEMAS[kind], rows)
