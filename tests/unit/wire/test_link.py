# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A link brings everything once, in order, however it is cut, and stops when the sender's book changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import BadEnvelope, IntegrityFailure, LinkGap, StaleDirectory
from openjuki.wire.link import START, Entry, Mark, Pull, Pulled, fit, receive
from openjuki.wire.merkle import Tree, consistency_proof, leaf_hash

HASHES = [leaf_hash(b"%d" % number) for number in range(120)]
FORKED = [*HASHES[:5], *(leaf_hash(b"another %d" % number) for number in range(115))]


def root(size: int, hashes: list[bytes] = HASHES) -> bytes:
    """The root of a journal of this size."""
    return Tree.EMPTY.append(hashes[:size]).root


def proof(old: int, size: int, hashes: list[bytes] = HASHES) -> tuple[bytes, ...]:
    """That the journal of a size extends an older one."""
    return consistency_proof(
        old, size, lambda level, index: root(1 << level, hashes[index << level : (index + 1) << level])
    )


def entries_of(lengths: list[int]) -> tuple[Entry, ...]:
    """A whole link: documents standing for so many numbers each."""
    entries, first = [], 1
    for length in lengths:
        entries.append(Entry(first=first, last=first + length - 1, document=b"%d" % first * length))
        first += length
    return tuple(entries)


LENGTHS = st.lists(st.integers(1, 50), max_size=12)


@given(LENGTHS, st.integers(1, 60), st.integers(1, 200))
def test_everything_arrives_once_and_in_order(lengths: list[int], limit: int, room: int):
    """Whatever limit and room cut an answer, pulling again brings the rest."""
    link = entries_of(lengths)
    mark, arrived = START, []
    while waiting := tuple(entry for entry in link if entry.first > mark.seq):
        pulled = Pulled(entries=fit(waiting, limit=limit, room=room), size=100, root=root(100))
        mark = receive(mark, Pulled.from_bytes(pulled.to_bytes()))
        arrived += pulled.entries

    assert tuple(arrived) == link
    assert mark.seq == sum(lengths)


@given(LENGTHS.filter(bool), st.data())
def test_a_doubled_missing_or_swapped_entry_is_a_gap(lengths: list[int], data: st.DataObject):
    """An answer that is not dense is refused as a whole."""
    link = list(entries_of(lengths))
    position = data.draw(st.integers(0, len(link) - 1))
    if data.draw(st.booleans()) or position == len(link) - 1:
        link.insert(position, link[position])
    else:
        del link[position]
    with pytest.raises(LinkGap):
        receive(START, Pulled(entries=tuple(link), size=1, root=root(1)))


def test_the_last_missing_entry_is_only_lag():
    """What is not there yet is no gap: the mark stays behind it."""
    first, _ = entries_of([3, 4])

    assert receive(START, Pulled(entries=(first,), size=1, root=root(1))).seq == 3


def test_an_empty_answer_still_sees_the_journal():
    """With nothing to bring, an answer tells how far the sender's book has grown."""
    mark = receive(START, Pulled(entries=(), size=7, root=root(7)))

    assert mark == Mark(seq=0, size=7, root=root(7))


SIZES = st.integers(0, 110)


@given(SIZES, SIZES)
def test_a_journal_only_grows(seen: int, now: int):
    """A journal that is proved to extend the one seen advances the mark; one that has shrunk stops the link."""
    mark = Mark(seq=5, size=seen, root=root(seen))
    if now < seen:
        with pytest.raises(IntegrityFailure):
            receive(mark, Pulled(entries=(), size=now, root=root(now)))
    else:
        pulled = Pulled(entries=(), size=now, root=root(now), consistency=proof(seen, now))
        assert receive(mark, pulled) == Mark(seq=5, size=now, root=root(now))


@given(st.integers(6, 110), st.data())
def test_a_forked_journal_stops_the_link(seen: int, data: st.DataObject):
    """A journal that changed where it had been seen proves nothing, whatever proof it brings."""
    now = data.draw(st.integers(seen, 110))
    mark = Mark(seq=5, size=seen, root=root(seen))
    for one in (proof(seen, now), proof(seen, now, FORKED), (), (bytes(32),)):
        with pytest.raises(IntegrityFailure):
            receive(mark, Pulled(entries=(), size=now, root=root(now, FORKED), consistency=one))


def test_growth_without_its_proof_stops_the_link():
    """A journal may be all that it says: unproved it is not believed."""
    pulled = Pulled(entries=(), size=9, root=root(9))

    with pytest.raises(IntegrityFailure):
        receive(Mark(seq=5, size=8, root=root(8)), pulled)


def test_a_journal_begun_anew_is_taken_as_it_is_once():
    """Where the directory lists the next journal, nothing is proved from the one before; the numbers go on."""
    mark = Mark(seq=5, size=8, root=root(8))
    entry = Entry(first=6, last=6, document=b"x")
    anew = Pulled(entries=(entry,), size=7, root=root(7, FORKED), journal=2)

    after = receive(mark, anew, journal=2)

    assert after == Mark(seq=6, size=7, root=root(7, FORKED), journal=2)
    with pytest.raises(IntegrityFailure):
        receive(after, Pulled(entries=(), size=6, root=root(6), journal=2), journal=2)


@pytest.mark.parametrize(("answered", "listed"), [(2, 1), (1, 2)])
def test_both_must_know_of_a_journal_begun_anew(answered: int, listed: int):
    """Whoever has the older directory learns of the newer one first; until then nothing is taken in."""
    with pytest.raises(StaleDirectory):
        receive(START, Pulled(entries=(), size=0, root=root(0), journal=answered), journal=listed)


def test_entries_may_be_older_than_the_journal_seen():
    """A limit cut the last answer off: the rest comes with the same journal."""
    mark = Mark(seq=3, size=9, root=root(9))
    following = Entry(first=4, last=4, document=b"x")

    assert receive(mark, Pulled(entries=(following,), size=9, root=root(9))).seq == 4


def test_at_least_one_entry_fits():
    """A document larger than the room still goes, alone, or the link would stand still."""
    link = entries_of([40, 1])

    assert fit(link, limit=1, room=1) == link[:1]
    assert fit((), limit=1, room=1) == ()


@given(st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_a_pull_comes_back(seq: int, size: int, seen: bytes):
    """A pull is read as it was written."""
    pull = Pull(mark=Mark(seq=seq, size=size, root=seen), limit=1_000)

    assert Pull.from_bytes(pull.to_bytes()) == pull


@given(LENGTHS, st.lists(st.binary(min_size=32, max_size=32), max_size=3))
def test_an_answer_comes_back(lengths: list[int], proof: list[bytes]):
    """An answer is read as it was written, documents of any bytes among it."""
    pulled = Pulled(entries=entries_of(lengths), size=9, root=root(9), consistency=tuple(proof))

    assert Pulled.from_bytes(pulled.to_bytes()) == pulled


@given(st.binary(max_size=200))
def test_noise_is_no_answer(noise: bytes):
    """Bytes that are no answer are refused, never misunderstood."""
    with pytest.raises(BadEnvelope):
        Pulled.from_bytes(noise)


def test_documents_of_many_lines_are_carried():
    """Only the first line feed of an answer means anything."""
    entry = Entry(first=1, last=1, document=b"\n\n{}\n")
    pulled = Pulled(entries=(entry,), size=1, root=root(1))

    assert Pulled.from_bytes(pulled.to_bytes()) == pulled
    assert Pulled.from_bytes(replace(pulled, entries=()).to_bytes()).entries == ()
