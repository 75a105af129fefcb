# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.pki.keys import PublicKey
from openjuki.store.verification.trust import Trust
from openjuki.wire.directory import read_directory
from openjuki.wire.document import Items
from openjuki.wire.leaf import leaf_time
from openjuki.wire.proving import ShownRow, ShownRows, read_wanted, write_wanted

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/receipt.json").read_text(encoding="utf-8"))
PROVE = SAMPLES["prove"]
_document = base64.b64decode(SAMPLES["directory"])
_issued = Items(base64.b64decode(json.loads(_document)["payload"])).time("issued")
DIRECTORY = read_directory(
    _document, roots=[PublicKey(bytes.fromhex(key)) for key in SAMPLES["roots"]], at=_issued
)


def cases(kind: str):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def shown() -> ShownRows:
    return ShownRows.from_bytes(PROVE["answer"].encode())


def test_rows_are_wanted_by_time_and_commitment():
    """What a promise says of a row is enough to name it."""
    wanted = read_wanted(PROVE["request"].encode())

    told = [{"commitment": one.commitment.hex(), "time": leaf_time(one.time)} for one in wanted]
    assert told == PROVE["wanted"]
    assert write_wanted(wanted) == PROVE["request"].encode()


@cases("bad_requests")
def test_requests_are_refused(case):
    """One to 64 rows, each with both members."""
    with pytest.raises(BadEnvelope):
        read_wanted(case["request"].encode())


@cases("bad_answers")
def test_answers_are_refused(case):
    """An answer that is no answer shows nothing."""
    with pytest.raises(BadEnvelope):
        ShownRows.from_bytes(case["answer"].encode())


def test_a_shown_row_is_proved_by_what_comes_with_it():
    """Leaf, path and checkpoint make a proof, which the provider's keys and the witness's hold against."""
    trust = Trust.of(DIRECTORY, "centre")
    (proved, unsigned, nothing) = shown().rows
    assert proved is not None
    assert unsigned is not None
    proof = shown().proof(proved, PROVE["origin"])

    assert proof is not None
    proven = proof.verify((*trust.log, *trust.witnesses))
    assert proven.leaf.commitment.hex() == PROVE["wanted"][0]["commitment"]
    assert list(proven.cosigned) == ["openjuki/sample/130001"]
    assert (shown().proof(unsigned, PROVE["origin"]), nothing) == (None, None)


def test_a_path_of_another_row_proves_nothing():
    """A provider cannot show one row in the place of another."""
    (proved, unsigned, _) = shown().rows
    assert proved is not None
    assert unsigned is not None
    other = ShownRow(index=proved.index, leaf=unsigned.leaf, proof=proved.proof)
    proof = shown().proof(other, PROVE["origin"])

    assert proof is not None
    with pytest.raises(IntegrityFailure):
        proof.verify(Trust.of(DIRECTORY, "centre").log)


def test_before_the_first_checkpoint_nothing_is_proved():
    """A provider that has signed nothing yet shows leaves at most."""
    leaf = ShownRow(index=0, leaf=b"{}", proof=None)
    told = ShownRows(checkpoint=None, size=0, rows=(leaf, None))

    again = ShownRows.from_bytes(told.to_bytes())
    assert again == told
    assert again.proof(leaf, PROVE["origin"]) is None
