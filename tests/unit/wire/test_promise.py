# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from openjuki import errors
from openjuki.errors import IntegrityFailure, RevokedNode
from openjuki.pki.keys import NodeKeys, PublicKey
from openjuki.wire.checkpoint import origin
from openjuki.wire.directory import read_directory
from openjuki.wire.document import Items
from openjuki.wire.leaf import Leaf, leaf_time
from openjuki.wire.promise import Promises, read_promises

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/promise.json").read_text(encoding="utf-8"))
_document = base64.b64decode(SAMPLES["directory"])
_issued = Items(base64.b64decode(json.loads(_document)["payload"])).time("issued")
DIRECTORY = read_directory(
    _document, roots=[PublicKey(bytes.fromhex(key)) for key in SAMPLES["roots"]], at=_issued
)


def cases(kind: str):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def read(case) -> Promises:
    at = datetime.fromisoformat(case["at"])
    return read_promises(base64.b64decode(case["document"]), directory=DIRECTORY, at=at)


@cases("read")
def test_promises_are_read(case):
    """A promise says whose journal, what, when, and until when."""
    promise, expected = read(case), case["promise"]

    assert (promise.origin, promise.within) == (expected["origin"], expected["within"])
    assert leaf_time(promise.time) == expected["time"]
    assert [[kind, committed.hex()] for kind, committed in promise.rows] == expected["rows"]


@cases("refused")
def test_promises_are_refused(case):
    """A promise that breaks a rule is refused with that rule's error."""
    leaves = (one for one in vars(errors).values() if getattr(one, "code", None) == case["code"])
    with pytest.raises(next(leaves), check=lambda error: error.code == case["code"]):
        read(case)


def test_a_promise_of_a_revoked_node_is_refused():
    """Nothing of a node that was revoked is accepted, not even its word."""
    case = SAMPLES["read"][0]
    at = datetime.fromisoformat(case["at"])
    revoked = DIRECTORY.revise(
        [replace(DIRECTORY.node("centre"), revoked_at=at)], issued=at, expires=DIRECTORY.expires
    )
    with pytest.raises(RevokedNode):
        read_promises(base64.b64decode(case["document"]), directory=revoked, at=at)


def test_what_is_promised_is_what_is_signed():
    """A promise survives being signed, by any node that the directory lists."""
    keys, before = NodeKeys.generate("centre"), DIRECTORY.node("centre")
    listed = before.of(keys, before.kind, "", prefecture=None, since=_issued)
    directory = DIRECTORY.revise([listed], issued=_issued, expires=DIRECTORY.expires)
    promise = Promises(
        origin=origin(DIRECTORY.network, "centre"),
        time=_issued,
        rows=(("provision.envelope", bytes(range(32))), ("provision.part", bytes(32))),
    )

    assert promise == read_promises(promise.sign(keys), directory=directory, at=_issued)


def test_a_promise_is_kept_by_its_own_leaves_alone():
    """A leaf that was promised says the same kind, time and commitment, wherever it stands."""
    promise = read(SAMPLES["read"][0])
    for kind, committed in promise.rows:
        kept = Leaf(index=7, kind=kind, time=promise.time, commitment=committed)
        promise.check_kept(kept)
        promise.check_kept(replace(kept, index=8))
        others = (
            replace(kept, kind="notice.applied"),
            replace(kept, time=promise.time + timedelta(microseconds=1)),
            replace(kept, commitment=bytes(32)),
        )
        for other in others:
            with pytest.raises(IntegrityFailure):
                promise.check_kept(other)
