# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Proofs of every kind (証明の読み取り): of a row of a journal, of a person in a part, of a provision. Pure."""

from __future__ import annotations

from typing import Final

from openjuki.wire.document import Items
from openjuki.wire.person_proof import PersonProof
from openjuki.wire.proof import Proof
from openjuki.wire.provision_proof import ProvisionProof

_KINDS: Final = {kind.SCHEMA: kind for kind in (PersonProof, ProvisionProof)}


def read_proof(raw: bytes) -> Proof | PersonProof | ProvisionProof:
    """Read a proof of any kind, as its schema says.

    Raises:
        BadEnvelope: it is none.
    """
    return _KINDS.get(Items(raw).take("schema", str), Proof).from_json(raw)
