# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Enquiries that told nobody anything new (不要な照会), found by comparing columns; pure.

An enquiry was needless if the same body had been told the same items about the same person not long before, and
nothing about the person had changed in between. The Board of Audit found 634 million yen of 3.52 billion to be such:
what the yearly enquiry told, the monthly one had told already (会計検査院, 2018). Whoever has the changes of their
clientele sent to them need not ask at all.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from openjuki.oversight.layouts import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from openjuki.store.tellings import Changes, Kind, Told

    type Numbers = NDArray[np.int64]
    #: What was asked, and what had been asked before.
    type Pair = tuple[Kind, Kind]

#: Below a code of eleven digits so many bits are left for seconds: a little more than two years.
_BITS: Final = 26
#: The longest time that can be looked at, in seconds.
LONGEST: Final = (1 << _BITS) - 1
#: Somebody asked about more often than this within the time is compared with the nearest only.
_NEAREST: Final = 64
COLUMNS: Final = (
    "提供先",
    "事務",
    "先に行った照会の事務",
    "方法",
    "不要な照会",
    "全件数",
    "割合",
    "手数料（円）",
)


class Needless(NamedTuple):
    """Enquiries of a kind that told nothing new (不要な照会)."""

    asker: str
    affair: str
    #: For which affair the same had been asked before.
    before: str
    article: str
    method: str
    needless: int
    #: How many there were of the kind, needless or not.
    all: int


def needless(
    told: Told, kinds: Sequence[Kind], changes: Changes, *, since: int, within: int
) -> Counter[Pair]:
    """How many from that second on told what had been told within so many seconds before, by kind and kind before."""
    if not len(told.at):
        return Counter()
    order = _in_order(told, kinds)
    codes, at, kind = told.codes[order], told.at[order], told.kinds[order]
    askers, items = _askers(kinds)[kind], _items(kinds)[kind]
    found = np.full(len(codes), -1)
    changed = _Changed(changes, int(at.min()))
    before = np.arange(len(codes))
    for lag in range(1, _NEAREST + 1):
        before = before[before + lag < len(codes)]
        later = before + lag
        near = (codes[later] == codes[before]) & (askers[later] == askers[before])
        before = before[near & (at[later] - at[before] <= within)]
        later = before + lag
        same = (items[later] & ~items[before] == 0) & (at[later] >= since) & (found[later] < 0)
        earlier, later = before[same], later[same]
        quiet = changed.never(codes[later], at[earlier], at[later])
        found[later[quiet]] = kind[earlier[quiet]]
    hits = np.flatnonzero(found >= 0)
    pairs, counts = np.unique(np.stack([kind[hits], found[hits]]), axis=1, return_counts=True)
    return Counter(
        {
            (kinds[now], kinds[earlier]): int(count)
            for (now, earlier), count in zip(pairs.T, counts, strict=True)
        }
    )


def totals(told: Told, kinds: Sequence[Kind], *, since: int) -> Counter[Kind]:
    """How many there were of each kind from that second on."""
    counts = np.bincount(told.kinds[told.at >= since], minlength=len(kinds))
    return Counter({kind: int(count) for kind, count in zip(kinds, counts, strict=True) if count})


def advice(pairs: Mapping[Pair, int], all_: Mapping[Kind, int]) -> tuple[Needless, ...]:
    """What is worth saying, the most needless first; whatever items were asked for."""
    found: Counter[tuple[str, ...]] = Counter()
    sums: Counter[tuple[str, ...]] = Counter()
    for (kind, before), count in pairs.items():
        found[kind.asker, kind.affair, before.affair, kind.article, kind.method] += count
    for kind, count in all_.items():
        sums[kind.asker, kind.affair, kind.article, kind.method] += count
    lines = (
        Needless(asker, affair, before, article, method, count, sums[asker, affair, article, method])
        for (asker, affair, before, article, method), count in found.items()
    )
    return tuple(sorted(lines, key=lambda one: (-one.needless, one)))


def sheet(found: Iterable[tuple[Needless, str | None]], names: Mapping[str, str]) -> Sheet:
    """Advice as a table, each line with what it cost."""
    rows = [
        (
            names.get(one.asker, one.asker),
            one.affair,
            one.before,
            one.method,
            one.needless,
            one.all,
            f"{one.needless / one.all:.0%}",
            cost,
        )
        for one, cost in found
    ]
    return Sheet("新しいことを伝えなかった照会 Enquiries that told nothing new", COLUMNS, tuple(rows))


class _Changed:
    """Whether somebody's record changed between two moments: codes and times as one sorted column."""

    def __init__(self, changes: Changes, epoch: int) -> None:
        self._epoch = epoch
        self._sorted = np.sort(self._key(changes.codes, changes.at))

    def never(self, codes: Numbers, after: Numbers, until: Numbers) -> NDArray[np.bool_]:
        """Where nothing changed after the one moment, up to the other."""
        first = np.searchsorted(self._sorted, self._key(codes, after), "right")
        last = np.searchsorted(self._sorted, self._key(codes, until), "right")
        return np.equal(first, last)

    def _key(self, codes: Numbers, at: Numbers) -> Numbers:
        return (codes << _BITS) + np.clip(at - self._epoch, 0, LONGEST)


def _in_order(told: Told, kinds: Sequence[Kind]) -> NDArray[np.intp]:
    """By who asked, person and time."""
    return np.lexsort((told.at, told.codes, _askers(kinds)[told.kinds]))


def _askers(kinds: Sequence[Kind]) -> Numbers:
    """A number for each kind's asker."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(kind.asker, len(numbers)) for kind in kinds], np.int64)


def _items(kinds: Sequence[Kind]) -> Numbers:
    """A bit for each item of each kind."""
    bits: dict[str, int] = {}
    return np.array(
        [sum(1 << bits.setdefault(item, len(bits)) for item in sorted(kind.items)) for kind in kinds],
        np.int64,
    )
