# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Finding many keys in sorted ones (整列済みの列の検索): in their order, so that memory is walked through once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from openjuki.store.snapshot.sorting import Pairs

#: Keys that are searched for among those between the first of them and the first of the next: few, and at hand.
_AT_ONCE: Final = 1024
_WIDTH: Final = 64


def place_of[Key: np.generic](keys: NDArray[Key], asked: NDArray[Key]) -> NDArray[np.int64]:
    """Where each key stands among the sorted ones; -1: it does not."""
    if not len(keys):
        return np.full(len(asked), -1, np.int64)
    order = ascending_order(asked)
    sought = asked if order is None else asked[order]
    places = _first_not_below(keys, sought)
    places[places == len(keys)] = 0
    places[keys[places] != sought] = -1
    return places if order is None else scattered(places, order)


def through(
    index: Pairs, asked: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows as an index has them where it knows the key, else as they are; and whether the key is a replaced one."""
    places = place_of(index.keys, asked.astype(np.uint64))
    known = places >= 0
    ended = np.zeros(len(asked), np.bool_)
    if known.any():
        found = index.places[places[known]]
        rows, ended[known] = rows.copy(), found & 1
        rows[known] = found >> 1
    return rows, ended


def runs_of(
    keys: NDArray[np.uint64], asked: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every pair of a question and a place where its key stands; a key may stand several times."""
    if not len(keys):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = ascending_order(asked)
    sought = asked if order is None else asked[order]
    questions, places = np.arange(len(asked)), _first_not_below(keys, sought)
    rounds = []
    while len(questions):
        # most keys stand once, so each further place is one of few
        same = keys[np.minimum(places, len(keys) - 1)] == sought[questions]
        same &= places < len(keys)
        questions, places = questions[same], places[same]
        rounds.append((questions, places))
        places = places + 1
    found, where = (np.concatenate([each[side] for each in rounds] or [questions]) for side in (0, 1))
    return found if order is None else order[found], where


def ascending_order(values: NDArray[Any]) -> NDArray[np.int64] | None:
    """The order in which they ascend, of equal ones the first before; None: they do.

    Sorting numbers is three times as fast as sorting places by them: so places are sorted as the last bits of numbers.
    """
    if _ascend(values):
        return None
    places = (len(values) - 1).bit_length()
    packed = (values - values.min()).astype(np.uint64)
    lost = max(0, int(packed.max()).bit_length() + places - _WIDTH)
    packed >>= np.uint64(lost)
    packed <<= np.uint64(places)
    packed |= np.arange(len(values), dtype=np.uint64)
    packed.sort()
    packed &= np.uint64((1 << places) - 1)
    order = packed.view(np.int64)
    # where bits were lost, few are told apart by them
    return order if not lost or _ascend(values[order]) else np.argsort(values, kind="stable")


def _ascend(values: NDArray[Any]) -> bool:
    return bool((values[1:] >= values[:-1]).all())


def _first_not_below[Key: np.generic](keys: NDArray[Key], sought: NDArray[Key]) -> NDArray[np.int64]:
    """`np.searchsorted` for keys that ascend themselves."""
    keys = np.asarray(keys)  # slices of a map are slow
    places = np.empty(len(sought), np.int64)
    bounds = [*np.searchsorted(keys, sought[::_AT_ONCE]).tolist(), len(keys)]
    for first, (begin, end) in zip(range(0, len(sought), _AT_ONCE), pairwise(bounds), strict=True):
        some = slice(first, first + _AT_ONCE)
        places[some] = np.searchsorted(keys[begin:end], sought[some])
        places[some] += begin
    return places


def scattered[Value: np.generic](values: NDArray[Value], order: NDArray[np.int64]) -> NDArray[Value]:
    """What was taken in an order, back where it came from."""
    placed = np.empty_like(values)
    placed[order] = values
    return placed
