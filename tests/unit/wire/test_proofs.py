# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which kind of proof a file is, it says itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openjuki.errors import BadEnvelope
from openjuki.wire.person_proof import PersonProof
from openjuki.wire.proof import Proof
from openjuki.wire.proofs import read_proof
from openjuki.wire.provision_proof import ProvisionProof

SAMPLES = Path(__file__).parents[2] / "samples/v1"
KINDS = {"proof": Proof, "bulk-log": PersonProof, "provision-proof": ProvisionProof}


def files(name: str, kind: str = "files") -> list[bytes]:
    samples = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return [json.dumps(case["file"]).encode() for case in samples[kind]]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_read(name: str):
    """A row of a journal, a person in a part, a provision: each as what it is, with all that it has."""
    for file in files(name):
        proof = read_proof(file)
        assert type(proof) is KINDS[name]
        assert proof == KINDS[name].from_json(file)


@pytest.mark.parametrize("name", KINDS)
def test_what_no_kind_can_read_is_refused(name: str):
    """A file of a schema that nobody knows, or that lacks what its schema has."""
    for file in files(name, "files_unreadable"):
        with pytest.raises(BadEnvelope):
            read_proof(file)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no schema"),
        pytest.param(b'{"schema":null}', id="a schema that is none"),
        pytest.param(
            b'{"schema":"openjuki/provision-proof/1","commitment":"%s","place":0,"proof":[],"envelope":{"schema":%s}}'
            % (b"0" * 64, b"[" * 300 + b"]" * 300),
            id="an envelope that nests deep",
        ),
    ],
)
def test_what_is_no_proof_is_refused(file: bytes):
    """Any other file is not a proof."""
    with pytest.raises(BadEnvelope):
        read_proof(file)
