# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The samples of the bulk log: parts, what is left of them, and proofs for persons (docs/spec/bulk-log.md)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.residents.look_up.result import Result
from openjuki.wire.leaf import commitment
from openjuki.wire.merkle import Tree, leaf_hash
from openjuki.wire.note import Verifier
from openjuki.wire.part import Part, PartRow, resident_code
from openjuki.wire.person_proof import PersonProof
from openjuki.wire.proof import Proof
from openjuki.wire.proofs import read_proof

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/bulk-log.json").read_text(encoding="utf-8"))


def cases(kind: str):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def read(case) -> PersonProof:
    return PersonProof.from_json(json.dumps(case["file"]).encode())


def keys(case) -> list[Verifier]:
    return [Verifier.from_text(text) for text in case["keys"]]


def salt(case, index: int) -> bytes:
    """The salt of a row, from the secret of its chunk."""
    chunk, place = divmod(index, 1024)
    cipher = Cipher(algorithms.AES(bytes.fromhex(case["secrets"][chunk])), modes.CTR(bytes(16))).encryptor()
    return cipher.update(bytes(32 * (place + 1)))[-32:]


@cases("parts")
def test_parts_say_what_their_samples_say(case):
    """Payload, commitment, and each row with its bytes, its salt and its leaf."""
    part = Part.from_bytes(case["payload"].encode())

    assert part.to_bytes() == case["payload"].encode()
    assert commitment(bytes.fromhex(case["salt"]), part.to_bytes()).hex() == case["commitment"]
    assert (part.root.hex(), part.rows) == (case["root"], case["count"])
    for said in case["rows"]:
        row = PartRow(resident_code(int(said["resident_code"])), Result(said["result"]), said["basis"])
        assert row.to_bytes().hex() == said["bytes"]
        assert salt(case, said["index"]).hex() == said["salt"]
        assert row.leaf(salt(case, said["index"])).hex() == said["leaf"]


@cases("parts")
def test_roots_are_those_of_the_rows(case):
    """Where a sample has all of its rows; and over the roots of chunks, where it does not."""
    roots = [bytes.fromhex(one) for one in case["roots"]]
    if len(case["rows"]) == case["count"]:
        leaves = [bytes.fromhex(one["leaf"]) for one in case["rows"]]
        assert Tree.EMPTY.append(leaves).root.hex() == case["root"]
    else:
        assert hashlib.sha256(b"\x01" + roots[0] + roots[1]).hexdigest() == case["root"]


@cases("erased")
def test_what_is_left_after_an_erasure_gives_the_same_root(case):
    """Rows that are there by their bytes and salts, the others by their leaves."""
    leaves = [
        bytes.fromhex(row["leaf"]) if "leaf" in row else leaf_hash(bytes.fromhex(row["salt"] + row["bytes"]))
        for row in case["rows"]
    ]

    assert sum("leaf" in row for row in case["rows"]) == 2
    assert case["secret"] == bytes(32).hex()
    assert Tree.EMPTY.append(leaves).root.hex() == case["root"]


@cases("files")
def test_files_verify(case):
    """A file shows one row and its part to somebody who has only keys, and is written as it was read."""
    proof = read(case)
    shown = proof.verify(keys(case))

    assert json.loads(proof.to_json()) == case["file"]
    assert read_proof(proof.to_json()) == proof
    assert shown.row == proof.row
    assert shown.part.to_bytes() == proof.part.payload
    assert shown.proven.leaf.kind == "provision.part"


@cases("files_refused")
def test_files_that_are_refused(case):
    """A file with one thing changed is read and does not add up."""
    with pytest.raises(IntegrityFailure):
        read(case).verify(keys(case))


@cases("files_unreadable")
def test_files_that_cannot_be_read(case):
    """A file that lacks something, or has it in another form, is none."""
    with pytest.raises(BadEnvelope):
        read(case)


def test_a_row_may_not_name_a_basis_that_the_part_does_not_have(monkeypatch):
    """A provider that signed such a part has shown nothing, though every hash is as it ought to be."""
    case = SAMPLES["files"][0]
    proof = read(case)
    proven = proof.part.verify(keys(case))
    said = json.loads(proof.part.payload or b"")
    payload = json.dumps(said | {"bases": [said["bases"][0] | {"rows": 6}]}).encode()
    monkeypatch.setattr(Proof, "verify", lambda *_: proven)

    with pytest.raises(IntegrityFailure, match="basis"):
        replace(proof, part=replace(proof.part, payload=payload)).verify([])


def test_a_proof_of_a_row_of_the_journal_is_still_one():
    """Which kind of proof a file is, it says itself."""
    sample = json.loads((ROOT / "tests/samples/v1/proof.json").read_text(encoding="utf-8"))["files"][0][
        "file"
    ]

    assert isinstance(read_proof(json.dumps(sample).encode()), Proof)
