# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import IntegrityFailure
from openjuki.store.tree import Tree, leaf_hash, node_hash

#: The leaves and roots with which certificate-transparency implementations test RFC 6962.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(naive_root(hashes[:half]), naive_root(hashes[half:]))


@pytest.mark.parametrize("size", range(9), ids=lambda size: f"{size} leaves")
def test_roots_are_those_of_the_rfc(size):
    """The roots over the leaves everybody tests with are those everybody finds."""
    tree = Tree.EMPTY.append(map(leaf_hash, LEAVES[:size]))

    assert (size, ROOTS[size]) == (tree.size, tree.root.hex())


@given(st.lists(st.binary(max_size=4), max_size=70), st.data())
def test_growing_in_steps_gives_the_recursive_root(leaves, data):
    """However the leaves come, in one batch or many, the root is that of the recursive definition."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(hashes)), max_size=4)))
    tree = Tree.EMPTY
    for start, end in zip([0, *cuts], [*cuts, len(hashes)], strict=True):
        tree = tree.append(hashes[start:end])

    assert (len(hashes), naive_root(hashes)) == (tree.size, tree.root)


@given(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3))
def test_subtrees_grow_a_tree_as_their_leaves_do(height, before, count):
    """Appending roots of perfect subtrees where such subtrees begin is appending their leaves."""
    leaves = [leaf_hash(bytes([number % 251])) for number in range((before + count) << height)]
    begun = Tree.EMPTY.append(leaves[: before << height])
    rest = leaves[before << height :]
    roots = [naive_root(rest[start : start + (1 << height)]) for start in range(0, len(rest), 1 << height)]

    assert begun.append(roots, height=height) == Tree.EMPTY.append(leaves)


def test_a_subtree_cannot_begin_anywhere():
    """A subtree of two leaves does not follow a single one."""
    with pytest.raises(IntegrityFailure):
        Tree.EMPTY.append([leaf_hash(b"")]).append([bytes(32)], height=1)


@given(st.integers(0, 200))
def test_what_is_remembered_can_be_read_again(size):
    """A tree survives being written down."""
    tree = Tree.EMPTY.append([leaf_hash(b"x")] * size)

    assert tree == Tree.from_bytes(tree.size, tree.to_bytes())


@pytest.mark.parametrize(
    ("size", "frontier"),
    [
        pytest.param(1, b"", id="a leaf without its hash"),
        pytest.param(0, bytes(32), id="a hash without its leaf"),
        pytest.param(3, bytes(32), id="one subtree short"),
        pytest.param(-1, bytes(32), id="fewer than none"),
    ],
)
def test_a_frontier_of_another_size_is_refused(size, frontier):
    """A frontier that is not one of a tree of this size is not believed."""
    with pytest.raises(IntegrityFailure):
        Tree.from_bytes(size, frontier)
