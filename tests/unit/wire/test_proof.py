# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.merkle import verify_consistency, verify_inclusion
from openjuki.wire.note import Verifier
from openjuki.wire.proof import Proof

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/proof.json").read_text(encoding="utf-8"))


def cases(kind: str):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def check_inclusion(case) -> None:
    leaf, root = hashes([case["leaf_hash"], case["root"]])
    verify_inclusion(leaf, case["index"], case["size"], hashes(case["proof"]), root)


def check_consistency(case) -> None:
    old_root, root = hashes([case["old_root"], case["root"]])
    verify_consistency(case["old_size"], old_root, case["size"], root, hashes(case["proof"]))


def read(case) -> Proof:
    return Proof.from_json(json.dumps(case["file"]).encode())


def keys(case) -> list[Verifier]:
    return [Verifier.from_text(text) for text in case["keys"]]


@cases("inclusion")
def test_inclusion_samples_verify(case):
    """Every leaf of every tree up to eight leaves is shown by its sample."""
    check_inclusion(case)


@cases("inclusion_refused")
def test_inclusion_samples_that_are_refused(case):
    """A spoilt inclusion proof shows nothing."""
    with pytest.raises(IntegrityFailure):
        check_inclusion(case)


@cases("consistency")
def test_consistency_samples_verify(case):
    """Every growth up to eight leaves is shown by its sample."""
    check_consistency(case)


@cases("consistency_refused")
def test_consistency_samples_that_are_refused(case):
    """A spoilt consistency proof shows nothing."""
    with pytest.raises(IntegrityFailure):
        check_consistency(case)


@cases("files")
def test_files_verify(case):
    """A file shows its row and who cosigned when, to somebody who has only keys; and is written as it was read."""
    proof = read(case)
    proven = proof.verify(keys(case))

    assert case["file"] == json.loads(proof.to_json())
    assert case["cosigned"] == {name: time.isoformat() for name, time in proven.cosigned.items()}
    assert (proof.index, proof.size) == (proven.leaf.index, proven.checkpoint.size)
    assert proof.leaf == proven.leaf.to_bytes()


@cases("files_refused")
def test_files_that_are_refused(case):
    """A file with one thing changed is read and does not add up."""
    with pytest.raises(IntegrityFailure):
        read(case).verify(keys(case))


@cases("files_unreadable")
def test_files_that_cannot_be_read(case):
    """A file that lacks something, or is of another schema, is no proof."""
    with pytest.raises(BadEnvelope):
        read(case)


def test_a_proof_without_its_payload_has_no_salt_either():
    """A salt alone would only help to guess the payload: it is not written."""
    proof = read(SAMPLES["files"][0])
    erased = Proof(
        origin=proof.origin,
        leaf=proof.leaf,
        index=proof.index,
        size=proof.size,
        proof=proof.proof,
        checkpoint=proof.checkpoint,
        salt=proof.salt,
    )

    assert "salt" not in json.loads(erased.to_json())


def test_the_page_shows_the_sample():
    """The example of docs/spec/proof.md is a sample, to the letter."""
    page = (ROOT / "docs/spec/proof.md").read_text(encoding="utf-8")
    shown = json.loads(page.partition("```json\n")[2].partition("```")[0])

    assert shown == SAMPLES["files"][1]["file"]
