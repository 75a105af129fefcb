# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjuki.errors import IntegrityFailure
from openjuki.wire.merkle import (
    HASH_SIZE,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    needed,
    needed_for_inclusion,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from openjuki.wire.tiles import (
    LARGEST_LEAF,
    WIDTH,
    entries_path,
    entry_bundle,
    hash_in_tiles,
    read_bundle,
    tile_hashes,
    tile_path,
    tile_root,
    tiles,
    tiles_needed,
)

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/tiles.json").read_text(encoding="utf-8"))

#: Leaves enough for a full tile of level 1 and something beyond it.
MOST = WIDTH * WIDTH + 3 * WIDTH + 7
LEAVES = [leaf_hash(number.to_bytes(4)) for number in range(MOST)]


@cache
def level_of(level: int) -> list[bytes]:
    """Roots of all perfect subtrees so high."""
    if not level:
        return LEAVES
    below = level_of(level - 1)
    return [node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)]


def subtree_root(level: int, index: int) -> bytes:
    """Root of a perfect subtree."""
    return level_of(level)[index]


def whole_tile(level: int, index: int, width: int) -> bytes:
    """A tile as the specification defines it: MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])."""
    return b"".join(level_of(8 * level)[index * WIDTH : index * WIDTH + width])


def folder(size: int, *, full: bool = False):
    """The tiles of a tree so large, as a folder has them; or the full ones alone, and leaves beyond."""
    kept = {
        (level, index): whole_tile(level, index, width)
        for level, index, width in tiles(size)
        if not full or not level or width == WIDTH
    }
    return lambda level, index: kept.get((level, index), b"")


sizes = st.one_of(st.integers(1, 700), st.integers(1, MOST), st.sampled_from([256, 512, 65_535, 65_536]))
#: Tens of thousands of hashes for one root, where the tile above is not full.
thorough = settings(max_examples=40, deadline=None)


@thorough
@given(sizes, st.booleans(), st.data())
def test_proofs_can_be_made_from_tiles(size, full, data):
    """Whether partial tiles are kept or the full ones alone, the proofs are those over the leaves."""
    hashes = partial(hash_in_tiles, tile=folder(size, full=full))
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, old_root = Tree.of(size, subtree_root).root, Tree.of(old_size, subtree_root).root

    assert root == Tree.of(size, hashes).root
    verify_inclusion(LEAVES[index], index, size, inclusion_proof(index, size, hashes), root)
    verify_consistency(old_size, old_root, size, root, consistency_proof(old_size, size, hashes))


@thorough
@given(sizes, st.data())
def test_a_store_of_full_tiles_knows_which_to_fetch(size, data):
    """The tiles announced are enough: full ones, and the leaves of the one that is still growing."""
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    subtrees = [*needed(old_size, size), *needed_for_inclusion(index, size)]
    every, listed = folder(size, full=True), tiles_needed(subtrees, size)
    fetched = {place: every(*place) for place in listed}
    hashes = partial(hash_in_tiles, tile=lambda level, index: fetched.get((level, index), b""))

    assert listed == sorted(set(listed))
    assert all(len(tile) == WIDTH * HASH_SIZE for (level, _), tile in fetched.items() if level)
    for level, index in subtrees:
        assert hashes(level, index) == subtree_root(level, index)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(0, [], id="no leaf, no tile"),
        pytest.param(1, [(0, 0, 1)], id="one leaf"),
        pytest.param(255, [(0, 0, 255)], id="one short of a full tile"),
        pytest.param(256, [(0, 0, 256), (1, 0, 1)], id="a full tile is a hash above"),
        pytest.param(257, [(0, 0, 256), (0, 1, 1), (1, 0, 1)], id="one more"),
    ],
)
def test_a_tree_has_these_tiles(size, expected):
    """The tiles of a tree: all full but the last of each level, none of them empty."""
    assert expected == list(tiles(size))


def test_the_tiles_of_the_specifications_example():
    """70,000 leaves: 273 full tiles and one of 112, one full tile and one of 17, one of 1."""
    found = list(tiles(70_000))

    assert [tile for tile in found if tile[2] < WIDTH] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert tuple(sum(level == number for level, _, _ in found) for number in range(3)) == (274, 2, 1)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(tile_path(0, 0), "tile/0/000", id="the first"),
        pytest.param(tile_path(0, 999), "tile/0/999", id="the last of three digits"),
        pytest.param(tile_path(0, 1000), "tile/0/x001/000", id="the first of four digits"),
        pytest.param(tile_path(2, 1234067), "tile/2/x001/x234/067", id="the specification's example"),
        pytest.param(tile_path(63, 5, 255), "tile/63/005.p/255", id="a partial one"),
        pytest.param(entries_path(1234067), "tile/entries/x001/x234/067", id="leaves"),
        pytest.param(entries_path(12, 1), "tile/entries/012.p/1", id="a leaf"),
    ],
)
def test_a_tile_lies_where_others_look_for_it(path, expected):
    """Three digits to a folder, an x before all but the last, the width of what is not full."""
    assert expected == path


@pytest.mark.parametrize("tile", [b"", bytes(31), bytes(32 * 255), bytes(32 * 257)])
def test_a_tile_of_another_width_is_refused(tile):
    """A tile is as wide as it ought to be, or it is damaged."""
    with pytest.raises(IntegrityFailure):
        tile_hashes(tile)
    with pytest.raises(IntegrityFailure):
        tile_root(tile)


@pytest.mark.parametrize(
    ("level", "index"),
    [
        pytest.param(0, 300, id="a leaf beyond the last"),
        pytest.param(2, 74, id="a subtree that reaches beyond the last leaf"),
        pytest.param(8, 1, id="a tile below that is not full"),
        pytest.param(16, 0, id="tiles below that are not there"),
    ],
)
def test_what_tiles_do_not_have_is_not_made_up(level, index):
    """A subtree that is not all there has no root."""
    with pytest.raises(IntegrityFailure):
        hash_in_tiles(level, index, folder(299))


@given(st.lists(st.binary(max_size=300)))
def test_leaves_survive_being_bundled(leaves):
    """Leaves of any length, even none, are read from a bundle as they were."""
    assert leaves == read_bundle(entry_bundle(leaves))


def test_a_bundle_is_lengths_and_leaves():
    """Two bytes of length, the larger first, then the leaf."""
    assert entry_bundle([b"abc", b"", bytes(258)]) == b"\x00\x03abc\x00\x00\x01\x02" + bytes(258)


def test_a_leaf_may_be_so_long():
    """What two bytes cannot count does not fit a bundle."""
    leaf = bytes(LARGEST_LEAF)

    assert [leaf] == read_bundle(entry_bundle([leaf]))
    with pytest.raises(IntegrityFailure):
        entry_bundle([leaf + b"\x00"])


@pytest.mark.parametrize(
    "bundle",
    [
        pytest.param(b"\x00", id="half a length"),
        pytest.param(b"\x00\x01", id="a length without its leaf"),
        pytest.param(b"\x00\x03ab", id="a leaf cut short"),
        pytest.param(b"\x00\x01a\x00", id="something left over"),
    ],
)
def test_a_damaged_bundle_is_refused(bundle):
    """A bundle whose lengths do not add up is damaged."""
    with pytest.raises(IntegrityFailure):
        read_bundle(bundle)


@pytest.mark.parametrize("case", SAMPLES["sizes"], ids=lambda case: case["name"])
def test_sample_trees_have_the_files_listed(case):
    """A tree has the tiles and the bundles of its sample, level by level."""
    found = list(tiles(case["size"]))

    assert case["tiles"] == [tile_path(*tile) for tile in found]
    assert case["entries"] == [entries_path(index, width) for level, index, width in found if not level]


@pytest.mark.parametrize("case", SAMPLES["paths"], ids=lambda case: case["tile"])
def test_sample_paths(case):
    """A tile and a bundle lie where the sample says."""
    assert case["tile"] == tile_path(case["level"], case["index"], case["width"])
    assert case["entries"] == entries_path(case["index"], case["width"])


def test_the_sample_bundle():
    """The leaves of the journal's sample, bundled, are the sample's bytes."""
    sample = SAMPLES["bundle"]

    assert sample["bytes"] == entry_bundle(leaf.encode() for leaf in sample["leaves"]).hex()


def test_every_file_of_a_sample_journal():
    """Each tile and bundle of a journal of 600 leaves has the sample's digest."""
    sample = SAMPLES["journal_of_600"]
    leaves = [str(number).encode() for number in range(sample["size"])]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    levels = [hashes, [Tree.EMPTY.append(hashes[start : start + WIDTH]).root for start in (0, WIDTH)]]
    digests, bundles = {}, {}
    for level, index, width in tiles(sample["size"]):
        start = index * WIDTH
        tile = b"".join(levels[level][start : start + width])
        digests[tile_path(level, index, width)] = sha256(tile).hexdigest()
        if not level:
            bundle = entry_bundle(leaves[start : start + width])
            bundles[entries_path(index, width)] = sha256(bundle).hexdigest()

    assert (sample["root"], sample["tiles"], sample["entries"]) == (
        Tree.EMPTY.append(hashes).root.hex(),
        digests,
        bundles,
    )
