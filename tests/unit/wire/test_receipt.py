# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from openjuki import errors
from openjuki.errors import BadEnvelope, RevokedNode
from openjuki.pki.keys import NodeKeys, PublicKey
from openjuki.wire.directory import read_directory
from openjuki.wire.document import Items
from openjuki.wire.leaf import leaf_time
from openjuki.wire.receipt import Receipt, read_receipt, read_unknown, write_unknown

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/receipt.json").read_text(encoding="utf-8"))
_document = base64.b64decode(SAMPLES["directory"])
_issued = Items(base64.b64decode(json.loads(_document)["payload"])).time("issued")
DIRECTORY = read_directory(
    _document, roots=[PublicKey(bytes.fromhex(key)) for key in SAMPLES["roots"]], at=_issued
)


def cases(kind: str):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def read(case) -> Receipt:
    at = datetime.fromisoformat(case["at"])
    return read_receipt(base64.b64decode(case["document"]), directory=DIRECTORY, at=at)


@cases("read")
def test_receipts_are_read(case):
    """A receipt says who has the answers of which envelopes, from whom, and since when."""
    receipt, expected = read(case), case["receipt"]

    assert (receipt.network, receipt.asker, receipt.provider) == tuple(
        expected[item] for item in ("network", "asker", "provider")
    )
    assert (leaf_time(receipt.time), list(receipt.envelopes)) == (expected["time"], expected["envelopes"])


@cases("refused")
def test_receipts_are_refused(case):
    """A receipt that breaks a rule is refused with that rule's error."""
    leaves = (one for one in vars(errors).values() if getattr(one, "code", None) == case["code"])
    with pytest.raises(next(leaves), check=lambda error: error.code == case["code"]):
        read(case)


def test_a_receipt_of_a_revoked_node_is_refused():
    """Nothing of a node that was revoked is accepted."""
    case = SAMPLES["read"][0]
    at = datetime.fromisoformat(case["at"])
    gone = replace(DIRECTORY.node("agency-sample"), revoked_at=at)
    revoked = DIRECTORY.revise([gone], issued=at, expires=DIRECTORY.expires)
    with pytest.raises(RevokedNode):
        read_receipt(base64.b64decode(case["document"]), directory=revoked, at=at)


def test_what_is_receipted_is_what_is_signed():
    """A receipt survives being signed, by any node that the directory lists."""
    keys, before = NodeKeys.generate("agency-sample"), DIRECTORY.node("agency-sample")
    listed = before.of(keys, before.kind, "", prefecture=None, since=_issued)
    directory = DIRECTORY.revise([listed], issued=_issued, expires=DIRECTORY.expires)
    receipt = read(SAMPLES["read"][0])

    assert receipt == read_receipt(receipt.sign(keys), directory=directory, at=receipt.time)


def test_the_answer_names_what_is_not_known():
    """Nothing, one envelope, or several."""
    for unknown in (set(), {"a" * 32}, {"a" * 32, "b" * 32}):
        assert read_unknown(write_unknown(unknown)) == unknown
    for malformed in (b"", b"[]", b"{}", b'{"unknown":null}'):
        with pytest.raises(BadEnvelope):
            read_unknown(malformed)
