# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Pieces that are made ahead (先読み)."""

import threading

import pytest

from openjuki.carriage.ahead import ahead


def test_a_piece_is_made_while_the_one_before_it_is_used():
    """Whoever uses the first may wait for the second."""
    made = threading.Event()

    def pieces():
        yield 1
        made.set()
        yield 2

    following = ahead(pieces())

    assert next(following) == 1
    assert made.wait(60)
    assert list(following) == [2]


def test_what_goes_wrong_is_said_in_its_turn():
    """The pieces before it are used; nothing is made after it."""

    def pieces():
        yield 1
        raise ValueError("wrong")

    following = ahead(pieces())

    assert next(following) == 1
    with pytest.raises(ValueError, match="wrong"):
        next(following)


def test_whoever_stops_leaves_no_thread_behind():
    """What is being made is let go."""
    before = set(threading.enumerate())  # of which one may just be ending
    following = ahead(iter(range(10)))
    next(following)
    following.close()

    assert set(threading.enumerate()) <= before
