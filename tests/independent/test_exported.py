# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a node exports and proves from its database is accepted by a verifier that shares no code with it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from fixtures.signed_book import ERASED, ORIGIN, SIZES
from independent import verifier
from independent.verifier import Wrong
from openjuki.carriage.logbook import export
from openjuki.carriage.proving import prove
from openjuki.store import proofs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.postgres


@pytest.fixture
async def folder(signed_book, tmp_path) -> Path:
    """The signed book of 600 rows, exported."""
    await export(signed_book.connection, signed_book.trust, tmp_path / "log")
    return tmp_path / "log"


def keys_in(folder: Path) -> list[verifier.Key]:
    """The public keys that lie in an exported folder."""
    texts = [
        line for name in ("log.vkey", "witnesses.vkey") for line in (folder / name).read_text().splitlines()
    ]
    return [verifier.parse_key(text) for text in texts]


async def test_an_exported_journal_is_accepted(folder):
    """Checkpoint, cosignatures, leaves and tiles, as the node wrote them, are those of the standards."""
    found = verifier.check_folder(folder, keys_in(folder))

    assert (ORIGIN, SIZES[-1], 2) == (found.origin, found.size, len(found.cosigned))


async def test_it_is_accepted_after_it_has_grown(folder, signed_book):
    """An export into the same folder, of a longer journal, is accepted as well."""
    await signed_book.write(500)
    await signed_book.sign([1100])
    await export(signed_book.connection, signed_book.trust, folder)

    assert verifier.check_folder(folder, keys_in(folder)).size == 1100


async def test_every_file_of_it_counts(folder):
    """One bit of any file that is part of the log, changed, is found."""
    keys = keys_in(folder)
    for path in [folder / "checkpoint", *(path for path in (folder / "tile").rglob("*") if path.is_file())]:
        content = path.read_bytes()
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        with pytest.raises(Wrong):
            verifier.check_folder(folder, keys)
        path.write_bytes(content)


@pytest.mark.parametrize("index", [0, 255, 256, ERASED[0], SIZES[-1] - 1])
async def test_proof_files_of_a_node_are_accepted(folder, signed_book, index):
    """What `juki log prove` writes shows its leaf, with its payload where there still is one."""
    proof = await prove(signed_book.connection, signed_book.trust, index, with_payload=True)
    found = verifier.check_proof_file(proof.to_json(), keys_in(folder))

    assert (found.origin, len(found.cosigned)) == (ORIGIN, 2)
    assert (index in ERASED) == (b'"payload"' not in proof.to_json())


async def test_proofs_from_the_database_are_those_of_the_tiles(folder, signed_book):
    """A client that fetches the exported tiles finds the very proofs that the node makes from its tables."""
    book, size = signed_book.connection, SIZES[-1]
    client = verifier.Tiles(folder, size)
    for number in (0, 1, 255, 256, 300, 511, 512, size - 1):
        assert list(await proofs.inclusion(book, number, size)) == client.inclusion(number)
        assert list(await proofs.consistency(book, number, size)) == client.consistency(number)


async def test_checkpoints_extend_one_another(folder, signed_book):
    """From each checkpoint to the next, the node's proof of growth is accepted."""
    rows = await signed_book.connection.execute("SELECT note FROM checkpoint ORDER BY size")
    notes = [verifier.open_checkpoint(bytes(note), keys_in(folder)) for (note,) in await rows.fetchall()]

    assert list(SIZES) == [note.size for note in notes]
    for older, newer in itertools.pairwise(notes):
        proof = await proofs.consistency(signed_book.connection, older.size, newer.size)
        verifier.check_consistency(older.size, older.root, newer.size, newer.root, list(proof))
