# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A journal as a folder of files: whole, without payloads, and with every damage named to whoever holds a public key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fixtures.signed_book import ORIGIN, SIZES
from openjuki.carriage.logbook import export
from openjuki.carriage.logfolder import Folder, kept_checkpoint, trust_in
from openjuki.errors import BadLog, IntegrityFailure
from openjuki.pki.keys import SigningKey
from openjuki.store.verification.trust import Trust
from openjuki.store.verification.verifying import verify
from openjuki.wire.checkpoint import Checkpoint, sign_checkpoint
from openjuki.wire.merkle import leaf_hash
from openjuki.wire.note import SignatureType, Verifier
from openjuki.wire.tiles import entry_bundle, read_bundle, tiles

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.postgres


async def damages(folder: Path, trust=None, remembered=()) -> list[str]:
    """What somebody finds who has nothing but the folder."""
    book = Folder(folder, trust or trust_in(folder, ()))
    verified = await verify(book, node=book.origin, remembered=remembered)
    return [f"{one.what}: {one.place}" for one in verified.damages]


@pytest.fixture
async def folder(signed_book, tmp_path) -> Path:
    """The signed book, exported."""
    exported = await export(signed_book.connection, signed_book.trust, tmp_path / "log")
    assert (exported.origin, exported.size, exported.cosignatures) == (ORIGIN, SIZES[-1], 2)
    return tmp_path / "log"


def flip(file: Path, byte: int) -> None:
    """Flip one bit of a file."""
    content = bytearray(file.read_bytes())
    content[byte] ^= 1
    file.write_bytes(content)


async def test_an_exported_journal_is_sound(folder, signed_book):
    """Whoever has only the files comes to the root that was signed."""
    book = Folder(folder, trust_in(folder, signed_book.trust.log))
    verified = await verify(book, node=book.origin)

    verified.require()
    (root,) = await (await signed_book.connection.execute("SELECT root FROM tree")).fetchone()
    assert (verified.node, verified.size, verified.root) == (ORIGIN, 600, root)


async def test_the_layout_is_that_of_tlog_tiles(folder):
    """Exactly the tiles of a tree of 600, bundles of leaves, a checkpoint, two files of keys and a word about them."""
    files = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}

    assert files == {
        *("checkpoint", "log.vkey", "witnesses.vkey", "README.md"),
        *("tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"),
        *("tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"),
    }
    assert len(list(tiles(600))) == 4


async def test_payloads_stay_at_home(folder, signed_book):
    """Neither a payload nor a salt is in any file."""
    rows = await signed_book.connection.execute("SELECT salt, payload FROM journal WHERE payload IS NOT NULL")
    content = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())

    for salt, payload in await rows.fetchall():
        assert salt not in content
        assert payload not in content


@pytest.mark.parametrize(
    ("file", "byte", "found"),
    [
        pytest.param("tile/entries/000", 40, "leaf: leaf 0", id="a leaf"),
        pytest.param("tile/entries/002.p/88", 60, "leaf: leaf 512", id="a leaf of the last bundle"),
        pytest.param("tile/entries/001", 0, "bundle: tile/entries/001", id="the length before a leaf"),
        pytest.param("tile/0/000", 0, "tile: tile/0/000", id="a tile's first byte"),
        pytest.param("tile/0/001", 8191, "tile: tile/0/001", id="a tile's last byte"),
        pytest.param("tile/0/002.p/88", 100, "tile: tile/0/002.p/88", id="a tile that is not full"),
        pytest.param("tile/1/000.p/2", 40, "tile: tile/1/000.p/2", id="a tile above"),
        pytest.param("checkpoint", 0, "signature: checkpoint 600", id="the checkpoint's first byte"),
        pytest.param("checkpoint", 22, "signature: checkpoint 600", id="the size in the checkpoint"),
        pytest.param("checkpoint", 30, "signature: checkpoint 600", id="the root in the checkpoint"),
        pytest.param("checkpoint", 130, "signature: checkpoint 600", id="the signature of the log"),
    ],
)
async def test_one_flipped_byte_is_named(folder, signed_book, file, byte, found):
    """The file or the leaf, and nothing else."""
    flip(folder / file, byte)
    trust = trust_in(folder, signed_book.trust.log)

    assert [one.replace("checkpoint 400", "checkpoint 600") for one in await damages(folder, trust)] == [
        found
    ]


@pytest.mark.parametrize("index", [256, 400, 511, 599])
async def test_a_flipped_byte_of_any_leaf_is_named(folder, index):
    """Wherever in its bundle it stands."""
    bundle = folder / ("tile/entries/001" if index < 512 else "tile/entries/002.p/88")
    flip(bundle, bundle.read_bytes().index(b'"index":%d,' % index) + 20)

    assert await damages(folder) == [f"leaf: leaf {index}"]


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize("place", ["name", "id", "signature"])
async def test_a_flipped_byte_of_a_cosignature_is_named(folder, line, place):
    """Even where C2SP would have a reader ignore it, as that of a stranger."""
    content = (folder / "checkpoint").read_bytes()
    signatures = content.index(b"\n\n") + 2
    lines = content[signatures:].splitlines(keepends=True)
    start = signatures + sum(map(len, lines[:line]))
    end = start + len(lines[line]) - 1
    byte = {"name": start + 6, "id": end - 102, "signature": end - 30}[place]
    other = b"B" if content[byte : byte + 1] == b"A" else b"A"
    (folder / "checkpoint").write_bytes(content[:byte] + other + content[byte + 1 :])

    (found,) = await damages(folder)
    assert found.startswith("cosignature: checkpoint 600, ")


@pytest.mark.parametrize(
    ("file", "found"),
    [
        pytest.param("tile/entries/000", "missing: leaf 0 to 255", id="a bundle"),
        pytest.param(
            "tile/entries/002.p/88", "truncated: leaf 512 to 599, checkpoint 600", id="the last bundle"
        ),
        pytest.param("tile/0/000", "tile-missing: tile/0/000", id="a tile"),
        pytest.param("tile/0/002.p/88", "tile-missing: tile/0/002.p/88", id="the last tile"),
        pytest.param("tile/1/000.p/2", "tile-missing: tile/1/000.p/2", id="the tile above"),
    ],
)
async def test_a_lost_file_is_named(folder, file, found):
    """By its name, or by the leaves that were in it."""
    (folder / file).unlink()

    assert await damages(folder) == [found]


async def test_a_truncated_log_is_named(folder):
    """Everything after the first 256 leaves is gone: where it ends, and what was signed."""
    for file in ("entries/001", "entries/002.p/88", "0/001", "0/002.p/88"):
        (folder / "tile" / file).unlink()

    assert (await damages(folder))[0] == "truncated: leaf 256 to 599, checkpoint 600"


async def test_a_size_that_nobody_can_count_to_is_named_and_ends(folder):
    """A log's own signer may claim what it likes; whoever verifies it is told, and does not look for ever."""
    key = SigningKey.generate()
    checkpoint = Checkpoint(origin=ORIGIN, size=10**17, root=bytes(32))
    (folder / "checkpoint").write_bytes(sign_checkpoint(checkpoint, key))
    verifier = Verifier(name=ORIGIN, key=key.public, kind=SignatureType.ED25519)

    assert await damages(folder, Trust(log=(verifier,), witnesses=())) == [
        f"truncated: leaf 768 to {10**17 - 1}, checkpoint {10**17}"
    ]


async def test_a_leaf_rewritten_with_its_tile_is_named(folder):
    """The tile above remembers another history."""
    bundle, tile = folder / "tile/entries/000", folder / "tile/0/000"
    leaves = read_bundle(bundle.read_bytes())
    leaves[10] = leaves[10].replace(b"notice", b"nobody")
    bundle.write_bytes(entry_bundle(leaves))
    tile.write_bytes(b"".join(map(leaf_hash, leaves)))

    assert (await damages(folder))[0] == "rewritten: leaf 0 to 255, tile/0/000"


async def test_two_damages_are_both_named(folder):
    """A byte in a leaf and one in another place of its tile."""
    flip(folder / "tile/entries/000", 40)
    flip(folder / "tile/0/000", 32 * 200)

    assert await damages(folder) == ["tile: tile/0/000", "leaf: leaf 0"]


async def test_an_export_goes_on_where_it_was(signed_book, folder):
    """What was written since is added; what was there stays as it was."""
    before = (folder / "tile/0/001").stat().st_ino, (folder / "tile/0/001").read_bytes()
    await signed_book.write(100)
    await signed_book.sign([700])
    exported = await export(signed_book.connection, signed_book.trust, folder)

    assert exported.size == 700
    assert (folder / "tile/0/001").read_bytes() == before[1]
    assert await damages(folder) == []


async def test_an_older_export_is_known_by_a_kept_checkpoint(signed_book, folder, tmp_path):
    """A folder from an old backup is sound in itself; who kept a later checkpoint sees that leaves are missing."""
    await signed_book.write(100)
    await signed_book.sign([700])
    await export(signed_book.connection, signed_book.trust, tmp_path / "later")
    note = (tmp_path / "later/checkpoint").read_bytes()
    remembered = [kept_checkpoint(note, signed_book.trust)]

    assert await damages(folder) == []
    assert await damages(folder, remembered=remembered) == ["restored: leaf 600 to 699, the kept checkpoint"]
    earlier = [kept_checkpoint((folder / "checkpoint").read_bytes(), signed_book.trust)]
    assert await damages(tmp_path / "later", remembered=earlier) == []


async def test_a_book_restored_from_an_old_backup_does_not_replace_a_later_export(signed_book, folder):
    """The folder holds more than the node has signed."""
    signed_book.plant("DELETE FROM cosignature WHERE size = 600")
    signed_book.plant("DELETE FROM checkpoint WHERE size = 600")
    await signed_book.connection.rollback()

    with pytest.raises(IntegrityFailure, match="holds 600 leaves"):
        await export(signed_book.connection, signed_book.trust, folder)
    assert await damages(folder) == []


async def test_a_forked_journal_does_not_replace_an_export(signed_book, folder):
    """It is as long, but not the same."""
    signed_book.plant("UPDATE journal SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) WHERE index = 5")
    await signed_book.connection.rollback()

    with pytest.raises(IntegrityFailure, match="does not extend"):
        await export(signed_book.connection, signed_book.trust, folder)


async def test_a_damaged_journal_is_not_exported(signed_book, tmp_path):
    """What is no longer what was signed gets no checkpoint beside it."""
    signed_book.plant("UPDATE journal SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) WHERE index = 5")

    with pytest.raises(IntegrityFailure, match="not those that were signed"):
        await export(signed_book.connection, signed_book.trust, tmp_path / "log")
    assert not (tmp_path / "log/checkpoint").exists()


async def test_nothing_is_exported_before_something_is_signed(signed_book, tmp_path):
    """There would be nothing to hold it against."""
    signed_book.plant("DELETE FROM cosignature")
    signed_book.plant("DELETE FROM checkpoint")
    await signed_book.connection.rollback()

    with pytest.raises(BadLog, match="signed"):
        await export(signed_book.connection, signed_book.trust, tmp_path / "log")


async def test_a_folder_with_something_else_is_left_alone(signed_book, tmp_path):
    """Nobody's files are mixed with a log."""
    (tmp_path / "letter.txt").write_text("拝啓", encoding="utf-8")

    with pytest.raises(BadLog, match="something else"):
        await export(signed_book.connection, signed_book.trust, tmp_path)


async def test_a_folder_without_checkpoint_is_no_log(tmp_path, signed_book):
    """It cannot be verified, and says so."""
    with pytest.raises(BadLog, match="no checkpoint"):
        Folder(tmp_path, signed_book.trust)


async def test_a_log_is_not_believed_under_another_key(folder):
    """Whoever holds the key of another log finds no checkpoint that is signed."""
    trust = trust_in(folder, [])
    stranger = Verifier(name=ORIGIN, key=SigningKey.generate().public, kind=SignatureType.ED25519)

    assert await damages(folder, replace(trust, log=(stranger,))) == ["signature: checkpoint 600"]
