# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import IntegrityFailure
from openjuki.wire.merkle import (
    Tree,
    leaf_hash,
)
from openjuki.wire.tiles import (
    LARGEST_LEAF,
    WIDTH,
    entries_path,
    entry_bundle,
    read_bundle,
    tile_hashes,
    tile_path,
    tiles,
)

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/tiles.json").read_text(encoding="utf-8"))


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


def test_a_tile_is_its_hashes_one_after_the_other():
    """A tile is cut every 32 bytes, however wide it is."""
    tile = bytes(range(96))

    assert (tile[:32], tile[32:64], tile[64:]) == tile_hashes(tile, 3)


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
