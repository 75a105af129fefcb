# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Proofs of provisions: as specified, sample by sample, and to the last byte (docs/spec/provision.md)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.note import Verifier
from openjuki.wire.provided import ENVELOPE, row_commitment
from openjuki.wire.provision_proof import ProvisionProof

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/provision-proof.json").read_text(encoding="utf-8"))
OPENED, FIVE, CLOSED = SAMPLES["files"][:3]


def cases(kind: str) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def read(case: Any) -> ProvisionProof:
    return ProvisionProof.from_json(json.dumps(case["file"]).encode())


def keys(case: Any) -> list[Verifier]:
    return [Verifier.from_text(text) for text in case["keys"]]


@cases("files")
def test_files_verify(case: Any):
    """A file shows to somebody who has only keys who asked, through whom, which question, and where that is written."""
    proof = read(case)
    row, place, envelope, proven = proof.verify(keys(case))

    found = {
        "asker": envelope.carried.asker,
        "envelope": envelope.carried.envelope,
        "through": envelope.carried.through,
        "place": place,
        "questions": envelope.questions,
        "index": proven.leaf.index,
        "result": None if row is None else row.inner("told").take("result", str),
    }
    assert found == case["shown"]
    assert (proven.leaf.kind, proven.leaf.time) == (ENVELOPE, envelope.at)
    assert proven.cosigned == {name: datetime.fromisoformat(at) for name, at in case["cosigned"].items()}


@cases("files")
def test_files_are_written_as_they_were_read(case: Any):
    """Reading and writing lose nothing; a document that holds the proof holds the same."""
    assert json.loads(read(case).to_json()) == case["file"]
    assert read(case).to_dict() == case["file"]
    assert ProvisionProof.from_json(read(case).to_json()) == read(case)


@cases("files_refused")
def test_files_that_are_refused(case: Any):
    """A file with one thing changed is read and does not add up."""
    with pytest.raises(IntegrityFailure):
        read(case).verify(keys(case))


@cases("files_unreadable")
def test_files_that_cannot_be_read(case: Any):
    """A file that lacks something, or has it in another form, is none."""
    with pytest.raises(BadEnvelope):
        read(case)


def test_a_closed_proof_says_of_its_row_nothing_but_that_it_is_there():
    """Neither the row's payload nor its salt is in the file, and without the salt nobody can try payloads out."""
    opened = read(FIVE)
    closed = replace(opened, payload=None, salt=None)

    assert opened.verify(keys(FIVE)).row is not None
    assert closed.verify(keys(FIVE)).row is None
    assert closed.to_dict().keys() == {"schema", "commitment", "place", "proof", "envelope"}
    assert opened.payload is not None
    assert opened.salt is not None
    assert row_commitment(opened.salt, opened.payload) == closed.commitment


def test_of_the_rows_beside_it_a_proof_has_hashes_alone():
    """Three for one of five, and none of them is another row's leaf but its neighbour's."""
    proof = read(FIVE)
    leaves = {read(case).commitment for case in SAMPLES["files"][2:4]}

    assert len(proof.path) == 3
    assert len(leaves & set(proof.path)) == 2  # the neighbour, and the last, which stands alone on its level


@given(st.data())
def test_no_byte_of_a_proof_can_be_changed(data: Any):
    """A file with one byte changed anywhere is refused, or shows the same, by a witness less at most.

    A signature under another name is somebody else's, and those of strangers are passed over (C2SP signed-note).
    """
    case = data.draw(st.sampled_from(SAMPLES["files"]))
    proof, file = read(case), read(case).to_json()
    place, value = data.draw(st.integers(0, len(file) - 1)), data.draw(st.integers(0, 255))
    shown = proof.verify(keys(case))

    with suppress(BadEnvelope, IntegrityFailure):
        changed = ProvisionProof.from_json(file[:place] + bytes([value]) + file[place + 1 :])
        found = changed.verify(keys(case))
        note = proof.envelope.checkpoint
        assert replace(changed, envelope=replace(changed.envelope, checkpoint=note)) == proof
        assert (found.place, found.envelope, found.proven.leaf) == (
            shown.place,
            shown.envelope,
            shown.proven.leaf,
        )
        assert found.proven.checkpoint == shown.proven.checkpoint
        assert found.proven.cosigned.items() <= shown.proven.cosigned.items()


@given(st.data())
def test_no_bit_of_what_is_hashed_can_be_changed(data: Any):
    """Leaf, path, payload and salt of the row, and those of the journal's row."""
    proof = read(FIVE)
    part = data.draw(st.sampled_from(("commitment", "payload", "salt", "path")))
    within = data.draw(st.booleans())
    held: Any = proof.envelope if within else proof
    part = {"commitment": "leaf", "path": "proof"}.get(part, part) if within else part
    value = getattr(held, part)
    path = list(value) if isinstance(value, tuple) else [value]
    number = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, len(path[number]) * 8 - 1))
    path[number] = _flipped(path[number], bit)
    changed = replace(held, **{part: tuple(path) if isinstance(value, tuple) else path[0]})

    with pytest.raises(IntegrityFailure):
        (replace(proof, envelope=changed) if within else changed).verify(keys(FIVE))


def _flipped(value: bytes, bit: int) -> bytes:
    number = int.from_bytes(value) ^ 1 << bit
    return number.to_bytes(len(value))
