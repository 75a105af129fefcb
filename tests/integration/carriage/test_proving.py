# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A row is proven to whoever holds a public key; what the book itself no longer shows is not proven."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.signed_book import ERASED, ORIGIN
from independent import verifier
from openjuki.carriage.logbook import export
from openjuki.carriage.proving import prove
from openjuki.errors import BadLog, IntegrityFailure
from openjuki.wire.proof import Proof

pytestmark = pytest.mark.postgres


def keys_of(trust) -> list:
    return [*trust.log, *trust.witnesses]


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 512, 599])
async def test_every_leaf_can_be_proven(signed_book, index):
    """To us, and to a verifier that shares no line with us."""
    proof = await prove(signed_book.connection, signed_book.trust, index, with_payload=True)
    proven = Proof.from_json(proof.to_json()).verify(keys_of(signed_book.trust))

    assert (proven.leaf.index, proven.checkpoint.origin, proven.checkpoint.size) == (index, ORIGIN, 600)
    assert proof.payload == b'{"number":%d}' % index
    known = [verifier.parse_key(one.to_text()) for one in keys_of(signed_book.trust)]
    assert len(verifier.check_proof_file(proof.to_json(), known).cosigned) == 2


async def test_what_was_erased_is_proven_without_payload(signed_book):
    """That it happened can still be shown, and not what."""
    proof = await prove(signed_book.connection, signed_book.trust, ERASED[0], with_payload=True)

    assert (proof.payload, proof.salt) == (None, None)
    proof.verify(keys_of(signed_book.trust))


async def test_a_payload_is_handed_out_only_if_asked_for(signed_book):
    """A proof is for strangers."""
    proof = await prove(signed_book.connection, signed_book.trust, 5)

    assert (proof.payload, proof.salt) == (None, None)


@pytest.mark.parametrize("index", [-1, 600, 10**9])
async def test_a_leaf_that_is_not_there_is_not_proven(signed_book, index):
    """Neither before the first nor after the last that was signed."""
    with pytest.raises(BadLog, match="no signed checkpoint covers"):
        await prove(signed_book.connection, signed_book.trust, index)


async def test_a_changed_leaf_is_not_proven(signed_book):
    """The proof is made, and shows nothing."""
    signed_book.plant(
        "UPDATE journal SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) WHERE index = 300"
    )
    proof = await prove(signed_book.connection, signed_book.trust, 300)

    with pytest.raises(IntegrityFailure):
        proof.verify(keys_of(signed_book.trust))


async def test_a_lost_row_is_not_proven(signed_book):
    """Nothing is put in its place."""
    signed_book.plant("DELETE FROM journal WHERE index = 300")

    with pytest.raises(IntegrityFailure, match="row 300"):
        await prove(signed_book.connection, signed_book.trust, 300)


async def test_another_payload_is_not_proven(signed_book):
    """Nor another salt."""
    proof = await prove(signed_book.connection, signed_book.trust, 300, with_payload=True)

    for other in (replace(proof, payload=b"{}"), replace(proof, salt=bytes(32))):
        with pytest.raises(IntegrityFailure, match="another payload"):
            other.verify(keys_of(signed_book.trust))


async def test_an_exported_journal_is_accepted_by_a_verifier_that_is_not_ours(signed_book, tmp_path):
    """Written from the texts of RFC 6962 and C2SP alone."""
    await export(signed_book.connection, signed_book.trust, tmp_path / "log")
    known = [verifier.parse_key(one.to_text()) for one in keys_of(signed_book.trust)]
    found = verifier.check_folder(tmp_path / "log", known)

    assert (found.origin, found.size, len(found.cosigned)) == (ORIGIN, 600, 2)


@pytest.mark.parametrize("file", ["tile/entries/001", "tile/0/000", "tile/0/002.p/88", "checkpoint"])
async def test_that_verifier_refuses_what_ours_does(signed_book, tmp_path, file):
    """The same flipped byte is one too many for both."""
    await export(signed_book.connection, signed_book.trust, tmp_path / "log")
    content = bytearray((tmp_path / "log" / file).read_bytes())
    content[60] ^= 1
    (tmp_path / "log" / file).write_bytes(content)
    known = [verifier.parse_key(one.to_text()) for one in keys_of(signed_book.trust)]

    with pytest.raises(verifier.Wrong):
        verifier.check_folder(tmp_path / "log", known)
