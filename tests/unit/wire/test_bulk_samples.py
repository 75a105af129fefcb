# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Provision in bulk as it was written once, and is read for ever."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from openjuki import errors
from openjuki.errors import BadEnvelope
from openjuki.pki.keys import PublicKey
from openjuki.wire.answered import ReceiptedPart, read_bulk_receipt, read_manifest
from openjuki.wire.bulk import BulkRequest, KeyKind, Progress
from openjuki.wire.chunks import Place, open_chunk, seal_chunk
from openjuki.wire.columns import KEY_SCHEMAS, answer_schema, read_columns
from openjuki.wire.directory import read_directory

SAMPLES = json.loads((Path(__file__).parents[2] / "samples/v1/bulk.json").read_text(encoding="utf-8"))
AT = datetime.fromisoformat(SAMPLES["at"])
DIRECTORY = read_directory(
    base64.b64decode(SAMPLES["directory"]),
    roots=[PublicKey(bytes.fromhex(key)) for key in SAMPLES["roots"]],
    at=AT,
)


def cases(kind: str) -> pytest.MarkDecorator:
    """The samples of a kind, those that have a name under it."""
    numbered = enumerate(SAMPLES[kind])
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case.get("name", f"{kind} {number}")) for number, case in numbered]
    )


def error(code: str) -> type[errors.JukiError]:
    """The error of a code."""
    return next(one for one in vars(errors).values() if getattr(one, "code", None) == code)


@cases("requests")
def test_requests_are_read(case: dict[str, Any]):
    """And written again as the same bytes."""
    raw = orjson.dumps(case, option=orjson.OPT_SORT_KEYS)

    assert BulkRequest.from_bytes(raw).to_bytes() == raw


@cases("request_refused")
def test_requests_are_refused(case: dict[str, Any]):
    """A request that breaks a rule is none."""
    with pytest.raises(BadEnvelope):
        BulkRequest.from_bytes(orjson.dumps(case["request"]))


@cases("progress")
def test_progress_is_read(case: dict[str, Any]):
    """And written again as the same."""
    assert orjson.loads(Progress.from_bytes(orjson.dumps(case)).to_bytes()) == case


@cases("chunks")
def test_chunks_are_opened_and_sealed(case: dict[str, Any]):
    """Under their key at their place; sealed by us, they are the same bytes."""
    answers = case["what"] == "answers"
    place = Place(case["asker"], case["provider"], case["request"], case["part"], answers=answers)
    key, content, sealed = (base64.b64decode(case[name]) for name in ("key", "content", "sealed"))

    assert open_chunk(sealed, key, place, case["chunk"], bytes.fromhex(case["sha256"])) == content
    assert seal_chunk(content, key, place, case["chunk"]) == sealed


@cases("keys")
def test_keys_are_read(case: dict[str, Any]):
    """Column by column, with their gaps."""
    schema = KEY_SCHEMAS[KeyKind(case["kind"])]
    rows = len(next(iter(case["rows"].values())))

    assert read_columns(base64.b64decode(case["stream"]), schema, rows).to_pydict() == case["rows"]


@cases("answers")
def test_answers_are_read(case: dict[str, Any]):
    """Result, article, and what is told."""
    rows = len(case["rows"]["result"])
    table = read_columns(base64.b64decode(case["stream"]), answer_schema(case["items"]), rows)

    assert json.loads(json.dumps(table.to_pydict(), default=str)) == case["rows"]


@cases("manifests")
def test_manifests_are_read(case: dict[str, Any]):
    """What a part holds, by the provider's word."""
    manifest = read_manifest(base64.b64decode(case["document"]), directory=DIRECTORY, at=AT)

    assert (manifest.request, manifest.part, manifest.rows, manifest.size) == tuple(
        case[name] for name in ("request", "part", "rows", "size")
    )
    assert [one.hex() for one in manifest.chunks] == case["chunks"]
    assert (list(manifest.articles), list(manifest.items)) == (case["articles"], case["items"])
    assert {result.value: count for result, count in manifest.results.items()} == case["results"]
    assert (manifest.state.to_dict(), manifest.row.hex()) == (case["state"], case["row"])


@cases("manifest_refused")
def test_manifests_are_refused(case: dict[str, Any]):
    """One that breaks a rule, by that rule's error."""
    with pytest.raises(error(case["code"])):
        read_manifest(base64.b64decode(case["document"]), directory=DIRECTORY, at=AT)


@cases("receipts")
def test_receipts_are_read(case: dict[str, Any]):
    """Which parts have arrived, by the asker's word."""
    receipt = read_bulk_receipt(base64.b64decode(case["document"]), directory=DIRECTORY, at=AT)

    assert receipt.request == case["request"]
    assert receipt.parts == tuple(
        ReceiptedPart(part, bytes.fromhex(digest)) for part, digest in case["parts"]
    )
    signed = base64.b64decode(SAMPLES["manifests"][0]["document"])
    assert receipt.parts[0].manifest == sha256(signed).digest()


@cases("receipt_refused")
def test_receipts_are_refused(case: dict[str, Any]):
    """One that breaks a rule, by that rule's error."""
    with pytest.raises(error(case["code"])):
        read_bulk_receipt(base64.b64decode(case["document"]), directory=DIRECTORY, at=AT)
