# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is changed in a signed book, be it one byte, is named with its place; what may be erased is missed by nobody."""

from __future__ import annotations

import asyncio
from itertools import combinations

import pytest

from fixtures.signed_book import ERASED, SIZES, full_tiles
from openjuki.errors import IntegrityFailure
from openjuki.store import journal
from openjuki.wire.merkle import Tree, leaf_hash

pytestmark = pytest.mark.postgres

# a commitment that is another one, and still is one
OTHER_FIGURE = "UPDATE journal SET leaf = set_byte(leaf, %s, CASE get_byte(leaf, %s) WHEN 48 THEN 49 ELSE 48 END) WHERE index = %s"
FLIP_LEAF = "UPDATE journal SET leaf = set_byte(leaf, %s, get_byte(leaf, %s) # 1) WHERE index = %s"
FLIP_TILE = (
    "UPDATE tile SET hashes = set_byte(hashes, %s, get_byte(hashes, %s) # 1) WHERE (level, index) = (0, %s)"
)
#: The first byte of the commitment's digits, of the kind, and of the figures of the time; and a brace.
COMMITMENT, KIND, TIME, BRACE = 15, 102, 135, 0
#: A row under a full tile, and one that no tile covers yet.
TILED, UNTILED = 300, 555


async def test_a_book_that_nobody_touched_is_sound(signed_book):
    """Size and root are those that were signed, and nothing is wrong; erased rows are no damage."""
    verified = await signed_book.verify()

    verified.require()
    assert (verified.size, verified.damages, verified.more) == (600, (), 0)
    (root,) = await (await signed_book.connection.execute("SELECT root FROM tree")).fetchone()
    assert verified.root == root


@pytest.mark.parametrize("index", [TILED, UNTILED])
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        pytest.param(
            "UPDATE journal SET kind = 'notice.issueD' WHERE index = %s", "kind", id="one letter of the kind"
        ),
        pytest.param(
            "UPDATE journal SET recorded_at = recorded_at + interval '1 microsecond' WHERE index = %s",
            "time",
            id="one microsecond",
        ),
        pytest.param(
            "UPDATE journal SET recorded_at = 'infinity' WHERE index = %s",
            "time",
            id="a time that never comes",
        ),
        pytest.param(
            "UPDATE journal SET recorded_at = '4000-01-01 BC' WHERE index = %s",
            "time",
            id="a time before all",
        ),
        pytest.param(
            "UPDATE journal SET recorded_at = '20000-01-01' WHERE index = %s", "time", id="a time beyond all"
        ),
        pytest.param(
            "UPDATE journal SET kind = E'\"\\n\\U0001F600' WHERE index = %s", "kind", id="a kind that is none"
        ),
        pytest.param(
            "UPDATE journal SET payload = set_byte(payload, 3, get_byte(payload, 3) # 1) WHERE index = %s",
            "payload",
            id="one byte of the payload",
        ),
        pytest.param(
            "UPDATE journal SET salt = set_byte(salt, 31, get_byte(salt, 31) # 128) WHERE index = %s",
            "payload",
            id="one byte of the salt",
        ),
        pytest.param("DELETE FROM journal WHERE index = %s", "missing", id="the whole row"),
    ],
)
async def test_a_changed_row_is_named(signed_book, index, statement, what):
    """The leaf, and what of its row is not as it was."""
    signed_book.plant(statement, index)

    assert await signed_book.damages() == [f"{what}: leaf {index}"]


@pytest.mark.parametrize("index", [TILED, UNTILED])
@pytest.mark.parametrize("byte", [COMMITMENT, KIND, TIME, BRACE])
async def test_a_flipped_byte_of_a_leaf_is_named(signed_book, index, byte):
    """Wherever in the leaf it is: the tree was built from another."""
    signed_book.plant(FLIP_LEAF, byte, byte, index)

    assert await signed_book.damages() == [f"leaf: leaf {index}"]


async def test_every_byte_of_a_leaf_counts(signed_book):
    """There is none that could be another."""
    (leaf,) = await (
        await signed_book.connection.execute("SELECT leaf FROM journal WHERE index = 3")
    ).fetchone()
    for byte in range(0, len(leaf), 5):
        signed_book.plant(FLIP_LEAF, byte, byte, 3)
        assert await signed_book.damages() == ["leaf: leaf 3"], byte
        signed_book.plant(FLIP_LEAF, byte, byte, 3)


async def test_a_leaf_of_an_erased_row_is_held_against_the_tile(signed_book):
    """Nothing is left that it could be compared with but the tree, and that is enough."""
    signed_book.plant(FLIP_LEAF, COMMITMENT, COMMITMENT, ERASED[1])

    assert await signed_book.damages() == [f"leaf: leaf {ERASED[1]}"]


async def test_a_leaf_of_an_erased_row_without_tile_is_found_between_two_checkpoints(signed_book):
    """Which of the leaves it is cannot be told, but since which checkpoint."""
    signed_book.plant(OTHER_FIGURE, COMMITMENT, COMMITMENT, ERASED[3])

    assert await signed_book.damages() == ["root: leaf 300 to 599, checkpoint 600", "tree: the tree"]


@pytest.mark.parametrize("byte", [0, 31, 32 * 44 + 7, 8191])
async def test_a_flipped_byte_of_a_tile_is_named(signed_book, byte):
    """The tile, and no leaf under it."""
    signed_book.plant(FLIP_TILE, byte, byte, 1)

    assert await signed_book.damages() == ["tile: tile/0/001"]


async def test_a_flipped_byte_of_the_root_beside_a_tile_is_named(signed_book):
    """Proofs are made from it."""
    signed_book.plant("UPDATE tile SET root = set_byte(root, 5, get_byte(root, 5) # 255) WHERE index = 1")

    assert await signed_book.damages() == ["tile: tile/0/001"]


async def test_a_lost_tile_is_named(signed_book):
    """It can be computed again, but somebody took it."""
    signed_book.plant("DELETE FROM tile WHERE index = 0")

    assert await signed_book.damages() == ["tile-missing: tile/0/000"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SET root = set_byte(root, 9, get_byte(root, 9) # 1)", id="the root beside the note"),
        pytest.param("SET note = set_byte(note, 23, get_byte(note, 23) # 1)", id="the note's text"),
        pytest.param("SET note = set_byte(note, 120, get_byte(note, 120) # 1)", id="the note's signature"),
        pytest.param("SET note = substr(note, 1, length(note) - 1)", id="the note's last byte"),
        pytest.param("SET note = set_byte(note, 23, 255)", id="a byte that is no text"),
        pytest.param("SET note = ''", id="the whole note"),
    ],
)
async def test_a_changed_checkpoint_is_named(signed_book, size, statement):
    """By its size; the leaves are still verified, under the checkpoints that are left."""
    signed_book.plant(f"UPDATE checkpoint {statement} WHERE size = %s", size)

    assert await signed_book.damages() == [f"signature: checkpoint {size}"]


async def test_every_byte_of_a_checkpoint_counts(signed_book):
    """There is none that could be another."""
    (note,) = await (
        await signed_book.connection.execute("SELECT note FROM checkpoint WHERE size = 300")
    ).fetchone()
    flip = "UPDATE checkpoint SET note = set_byte(note, %s, get_byte(note, %s) # 1) WHERE size = 300"
    for byte in range(0, len(note), 7):
        signed_book.plant(flip, byte, byte)
        assert await signed_book.damages() == ["signature: checkpoint 300"], byte
        signed_book.plant(flip, byte, byte)


@pytest.mark.parametrize("byte", [0, 4, 10, 30, 60, 100])
async def test_a_flipped_byte_of_a_cosignature_is_named(signed_book, byte):
    """The checkpoint and the witness."""
    flip = "UPDATE cosignature SET line = set_byte(line, %s, get_byte(line, %s) # 1) WHERE (size, witness) = (300, 'centre')"
    signed_book.plant(flip, byte, byte)

    assert await signed_book.damages() == ["cosignature: checkpoint 300, centre"]


async def test_a_lost_checkpoint_is_named_if_it_was_cosigned(signed_book):
    """Its cosignatures tell that it was."""
    signed_book.plant("DELETE FROM checkpoint WHERE size = 300")

    assert await signed_book.damages() == ["missing: checkpoint 300"]


#: The twenty-first byte of a leaf, a figure of its commitment, as another figure.
ANOTHER_FIGURE = "set_byte(leaf, 20, CASE get_byte(leaf, 20) WHEN 48 THEN 49 ELSE 48 END)"
#: Damages that have nothing to do with each other, and how each is named.
SINGLE = {
    "a leaf": (
        "UPDATE journal SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) WHERE index = 40",
        "leaf: leaf 40",
    ),
    "a leaf without tile": (
        f"UPDATE journal SET leaf = {ANOTHER_FIGURE} WHERE index = 580",
        "leaf: leaf 580",
    ),
    "a kind": ("UPDATE journal SET kind = 'x' WHERE index = 41", "kind: leaf 41"),
    "a payload without tile": ("UPDATE journal SET payload = 'x' WHERE index = 581", "payload: leaf 581"),
    "a row": ("DELETE FROM journal WHERE index = 42", "missing: leaf 42"),
    "a row without tile": ("DELETE FROM journal WHERE index = 582", "missing: leaf 582"),
    "a tile": (
        "UPDATE tile SET hashes = set_byte(hashes, 99, get_byte(hashes, 99) # 1) WHERE index = 1",
        "tile: tile/0/001",
    ),
    "a tile with its root": (
        """UPDATE tile SET hashes = set_byte(hashes, 99, get_byte(hashes, 99) # 1),
        root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE index = 1""",
        "tile: tile/0/001",
    ),
    "a lost tile": ("DELETE FROM tile WHERE index = 0", "tile-missing: tile/0/000"),
    "a checkpoint": (
        "UPDATE checkpoint SET note = set_byte(note, 60, get_byte(note, 60) # 1) WHERE size = 100",
        "signature: checkpoint 100",
    ),
    "the newest checkpoint": (
        "UPDATE checkpoint SET note = set_byte(note, 60, get_byte(note, 60) # 1) WHERE size = 600",
        "signature: checkpoint 600",
    ),
    "a cosignature": (
        "UPDATE cosignature SET line = set_byte(line, 60, 32) WHERE (size, witness) = (256, 'centre')",
        "cosignature: checkpoint 256, centre",
    ),
}


#: Where a leaf is missing and no tile has its hash, leaf and payload of another row stand word against word.
UNDECIDED = {
    (("a leaf without tile", "a row without tile"), "a leaf without tile"): "payload: leaf 580",
}


@pytest.mark.parametrize("pair", list(combinations(SINGLE, 2)), ids=" and ".join)
async def test_one_damage_does_not_hide_another(signed_book, pair):
    """Both are named, and nothing that is sound."""
    for name in pair:
        signed_book.plant(SINGLE[name][0])

    assert set(await signed_book.damages()) == {UNDECIDED.get((pair, name), SINGLE[name][1]) for name in pair}


async def test_everything_at_once_is_named(signed_book):
    """Every place; and no root is claimed for a journal of which a leaf is unknown."""
    for statement, _ in SINGLE.values():
        signed_book.plant(statement)
    verified = await signed_book.verify()

    places = {name.partition(": ")[2] for _, name in SINGLE.values()}
    assert places <= {one.place for one in verified.damages}
    assert verified.root is None


async def test_a_truncated_journal_is_named(signed_book):
    """The first leaf that is lost, and how large the journal was when it was signed."""
    signed_book.plant("DELETE FROM journal WHERE index >= 560")

    assert await signed_book.damages() == ["truncated: leaf 560 to 599, checkpoint 600"]


async def test_a_journal_truncated_with_its_tree_is_named(signed_book):
    """The tree's row was set back as well: the checkpoint remembers."""
    rows = await journal.read(signed_book.connection, limit=560)
    await signed_book.connection.rollback()
    signed_book.plant("DELETE FROM journal WHERE index >= 560")
    _put_tree(signed_book, Tree.EMPTY.append(leaf_hash(row.leaf) for row in rows))

    assert (await signed_book.damages())[0] == "truncated: leaf 560 to 599, checkpoint 600"
    with pytest.raises(IntegrityFailure, match="131016: leaf 560 to 599") as failure:
        (await signed_book.verify()).require()
    assert failure.value.where.to_dict() == {"file": "131016", "row": 560}


@pytest.fixture
async def unsigned(signed_book):
    """The book with 300 rows more, that the signer has not come to yet; tiles of them are not there either."""
    await signed_book.write(300)
    return signed_book


async def test_what_is_not_signed_yet_is_verified_too(unsigned):
    """It is held against the tree's row."""
    verified = await unsigned.verify()

    assert (verified.size, verified.damages) == (900, ())


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        pytest.param(
            "UPDATE journal SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) WHERE index = 700",
            ["leaf: leaf 700"],
            id="a leaf",
        ),
        pytest.param("UPDATE journal SET kind = 'x' WHERE index = 700", ["kind: leaf 700"], id="a kind"),
        pytest.param(
            "UPDATE journal SET salt = sha256('x') WHERE index = 899", ["payload: leaf 899"], id="a salt"
        ),
        pytest.param(
            "DELETE FROM journal WHERE index IN (700, 701)", ["missing: leaf 700 to 701"], id="rows"
        ),
        pytest.param(
            "DELETE FROM journal WHERE index >= 890", ["missing: leaf 890 to 899"], id="the last rows"
        ),
        pytest.param(
            "UPDATE tree SET root = set_byte(root, 0, get_byte(root, 0) # 1)",
            ["tree: the tree"],
            id="the root",
        ),
        pytest.param(
            "UPDATE tree SET frontier = set_byte(frontier, 0, get_byte(frontier, 0) # 1)",
            ["tree: the tree"],
            id="the frontier",
        ),
        pytest.param(
            """INSERT INTO journal (index, kind, recorded_at, leaf, salt, payload)
            SELECT 900, kind, recorded_at, leaf, salt, payload FROM journal WHERE index = 899""",
            ["surplus: leaf 900"],
            id="a row too many",
        ),
    ],
)
async def test_a_damage_in_what_is_not_signed_yet_is_named(unsigned, statement, found):
    """As in what is."""
    unsigned.plant(statement)

    assert await unsigned.damages() == found


async def test_a_book_without_any_checkpoint_is_verified(unsigned):
    """As far as one can without a signature."""
    unsigned.plant("DELETE FROM checkpoint; DELETE FROM cosignature; DELETE FROM tile")
    assert await unsigned.damages() == []
    unsigned.plant("UPDATE journal SET payload = 'x' WHERE index = 17")
    assert await unsigned.damages() == ["payload: leaf 17"]


async def test_a_journal_that_was_rewritten_is_named_since_the_last_checkpoint_that_is_met(signed_book):
    """Rows, leaves, tiles and tree agree; but checkpoints were signed over another history."""
    signed_book.plant(
        """UPDATE journal SET kind = 'notice.forged',
        leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'notice.issued', 'notice.forged'), 'UTF8') WHERE index = 280"""
    )
    await _rebuild(signed_book)

    assert await signed_book.damages() == ["root: leaf 256 to 299, checkpoint 300"]


async def _rebuild(book) -> None:
    """Make tiles and tree anew from the leaves, as somebody would who hides what they did."""
    rows = await journal.read(book.connection, limit=10_000)
    hashes = [leaf_hash(row.leaf) for row in rows]
    await book.connection.rollback()
    for tile in full_tiles(hashes):
        values = (tile.hashes, tile.root, tile.level, tile.index)
        book.plant("UPDATE tile SET hashes = %s, root = %s WHERE (level, index) = (%s, %s)", *values)
    _put_tree(book, Tree.EMPTY.append(hashes))


async def test_a_size_that_nobody_can_count_to_is_named_and_ends(signed_book):
    """The tree's row claims more leaves than a nation writes: that they are not there is said at once."""
    signed_book.plant("UPDATE tree SET size = %s, frontier = %s", 1 << 60, bytes(32))
    signed_book.plant("UPDATE journal SET index = %s WHERE index = 599", (1 << 60) - 1)

    async with asyncio.timeout(60):
        found = await signed_book.damages()

    assert found == ["tree: the tree", f"truncated: leaf 600 to {(1 << 60) - 1}"]


def _put_tree(book, tree: Tree) -> None:
    values = (tree.size, tree.root, tree.to_bytes())
    book.plant("UPDATE tree SET size = %s, root = %s, frontier = %s", *values)
