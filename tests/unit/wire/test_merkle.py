# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import IntegrityFailure
from openjuki.wire.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    needed,
    needed_for_inclusion,
    node_hash,
    perfect_subtrees,
    root_of,
    verify_consistency,
    verify_inclusion,
)

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


@given(st.integers(0, 300))
def test_the_root_of_all_leaves_at_once_is_the_recursive_root(size):
    """Whether a tree is to go on growing or not, its root is the same; the leaves are not touched."""
    hashes = leaves(size)

    assert root_of(tuple(hashes)) == root_of(hashes) == naive_root(hashes)
    assert hashes == leaves(size)


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


def naive_inclusion(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 2.1.1, word for word."""
    if len(hashes) <= 1:
        return []
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if index < half:
        return [*naive_inclusion(index, hashes[:half]), naive_root(hashes[half:])]
    return [*naive_inclusion(index - half, hashes[half:]), naive_root(hashes[:half])]


def naive_consistency(old_size: int, hashes: list[bytes], *, known: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 2.1.2, word for word."""
    if old_size == len(hashes):
        return [] if known else [naive_root(hashes)]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if old_size <= half:
        return [*naive_consistency(old_size, hashes[:half], known=known), naive_root(hashes[half:])]
    return [*naive_consistency(old_size - half, hashes[half:], known=False), naive_root(hashes[:half])]


def leaves(size: int) -> list[bytes]:
    """Leaf hashes, each another."""
    return [leaf_hash(number.to_bytes(4)) for number in range(size)]


def subtrees(hashes: list[bytes]):
    """Every perfect subtree over these leaves, as `Hashes`; whatever is not all there is a KeyError."""
    table = {
        (level, index): naive_root(hashes[index << level : (index + 1) << level])
        for level in range(len(hashes).bit_length())
        for index in range(len(hashes) >> level)
    }
    return lambda level, index: table[level, index]


sizes = st.integers(1, 70)


@st.composite
def places(draw):
    """A tree and a leaf of it."""
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def growths(draw):
    """An older tree and the one that it became."""
    size = draw(sizes)
    return draw(st.integers(1, size)), size


@given(places())
def test_inclusion_proofs_are_those_of_the_rfc(place):
    """A leaf's proof is the audit path of the recursive definition, and is accepted."""
    index, size = place
    hashes = leaves(size)
    proof = inclusion_proof(index, size, subtrees(hashes))

    assert naive_inclusion(index, hashes) == list(proof)
    verify_inclusion(hashes[index], index, size, proof, naive_root(hashes))


@given(growths())
def test_consistency_proofs_are_those_of_the_rfc(growth):
    """A growth's proof is that of the recursive definition, and is accepted."""
    old_size, size = growth
    hashes = leaves(size)
    proof = consistency_proof(old_size, size, subtrees(hashes))

    assert naive_consistency(old_size, hashes) == list(proof)
    verify_consistency(old_size, naive_root(hashes[:old_size]), size, naive_root(hashes), proof)


@given(places(), growths())
def test_a_store_knows_beforehand_what_to_fetch(place, growth):
    """A proof asks for the subtrees that were announced, in that order, and for no other."""
    asked = []

    def hashes(level, index):
        asked.append((level, index))
        return bytes(32)

    inclusion_proof(*place, hashes)
    consistency_proof(*growth, hashes)

    assert [*needed_for_inclusion(*place), *needed(*growth)] == asked


@given(st.integers(0, 70))
def test_a_tree_is_made_of_its_perfect_subtrees(size):
    """The frontier of a tree is the roots of the perfect subtrees that make up its leaves."""
    hashes = leaves(size)
    roots = [subtrees(hashes)(*subtree) for subtree in perfect_subtrees(0, size)]

    assert roots == list(Tree.EMPTY.append(hashes).frontier)


@given(growths(), st.data())
def test_no_other_growth_is_accepted(growth, data):
    """A consistency proof is good for its two sizes and its two roots alone, each hash of it counts."""
    old_size, size = growth
    hashes = leaves(size)
    proof = consistency_proof(old_size, size, subtrees(hashes))
    old_root, root = naive_root(hashes[:old_size]), naive_root(hashes)
    place = data.draw(st.integers(0, len(proof)))
    broken = [
        (old_size, bytes(32), size, root, proof),
        (old_size, old_root, size, bytes(32), proof),
        (old_size, old_root, size, root, (*proof[:place], bytes(32), *proof[place:])),
        *((old_size, old_root, size, root, (*proof[:at], *proof[at + 1 :])) for at in range(len(proof))),
        *(
            (old_size, old_root, size, root, (*proof[:at], bytes(32), *proof[at + 1 :]))
            for at in range(len(proof))
        ),
        *((old, old_root, size, root, proof) for old in range(size + 2) if old != old_size),
    ]
    for case in broken:
        with pytest.raises(IntegrityFailure):
            verify_consistency(*case)


@given(places(), st.data())
def test_no_other_place_is_accepted(place, data):
    """An inclusion proof is good for its leaf, place and root alone, each hash of it counts."""
    index, size = place
    hashes = leaves(size)
    proof = inclusion_proof(index, size, subtrees(hashes))
    root = naive_root(hashes)
    extra = data.draw(st.integers(0, len(proof)))
    broken = [
        (bytes(32), index, size, proof, root),
        (hashes[index], index, size, proof, bytes(32)),
        (hashes[index], index, size, (*proof[:extra], bytes(32), *proof[extra:]), root),
        *((hashes[index], index, size, (*proof[:at], *proof[at + 1 :]), root) for at in range(len(proof))),
        *(
            (hashes[index], index, size, (*proof[:at], bytes(32), *proof[at + 1 :]), root)
            for at in range(len(proof))
        ),
        *((hashes[index], other, size, proof, root) for other in range(-1, size + 1) if other != index),
    ]
    for case in broken:
        with pytest.raises(IntegrityFailure):
            verify_inclusion(*case)


EMPTY = sha256(b"").digest()
ONE = leaf_hash(b"")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param((0, EMPTY, 0, EMPTY, ()), id="the empty journal is itself"),
        pytest.param((0, EMPTY, 7, ONE, ()), id="every journal extends the empty one"),
        pytest.param((1, ONE, 1, ONE, ()), id="a journal of one leaf is itself"),
        pytest.param((7, ONE, 7, ONE, ()), id="a journal that did not grow is itself"),
    ],
)
def test_trivial_growth_has_an_empty_proof(case):
    """Where there is nothing to prove, the proof has no hash."""
    old_size, _, size, _, proof = case

    verify_consistency(*case)
    assert proof == consistency_proof(old_size, size, subtrees([]))


@pytest.mark.parametrize(
    "case",
    [
        pytest.param((0, ONE, 0, ONE, ()), id="the empty journal has one root only"),
        pytest.param((0, EMPTY, 0, ONE, ()), id="the empty journal does not change"),
        pytest.param((0, ONE, 7, ONE, ()), id="nothing extends an empty journal with something in it"),
        pytest.param((0, EMPTY, 7, ONE, (ONE,)), id="growth from nothing needs no hash"),
        pytest.param((7, ONE, 7, EMPTY, ()), id="same size, another root"),
        pytest.param((7, ONE, 7, ONE, (ONE,)), id="a journal that did not grow needs no hash"),
        pytest.param((7, ONE, 6, ONE, ()), id="a journal that shrank"),
        pytest.param((-1, EMPTY, 6, ONE, ()), id="fewer leaves than none"),
        pytest.param((4, ONE, 5, node_hash(ONE, ONE), (ONE[:31],)), id="half a hash"),
    ],
)
def test_growth_that_cannot_be_is_refused(case):
    """Sizes that cannot follow, roots that cannot be, surplus and mutilated hashes are refused."""
    with pytest.raises(IntegrityFailure):
        verify_consistency(*case)


@pytest.mark.parametrize(
    ("index", "size"),
    [
        pytest.param(0, 0, id="the first leaf of nothing"),
        pytest.param(1, 1, id="one past the last"),
        pytest.param(-1, 1, id="one before the first"),
    ],
)
def test_a_leaf_that_is_not_there_has_no_proof(index, size):
    """Neither is a proof made of a leaf that is not in the tree, nor is one accepted."""
    with pytest.raises(IntegrityFailure):
        inclusion_proof(index, size, subtrees([ONE]))
    with pytest.raises(IntegrityFailure):
        verify_inclusion(ONE, index, size, (), ONE)


def test_the_only_leaf_is_the_root():
    """In a tree of one leaf the proof is empty and the leaf's hash is the root."""
    verify_inclusion(ONE, 0, 1, inclusion_proof(0, 1, subtrees([ONE])), ONE)


def test_a_mutilated_hash_is_no_hash():
    """Hashes cut at another place give the same bytes to be hashed, and are refused."""
    root = node_hash(ONE, ONE)
    with pytest.raises(IntegrityFailure):
        verify_inclusion(ONE + ONE[:1], 0, 2, (ONE[1:],), root)
