# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Sorted keys in files (整列済みの索引): numbers of 64 bits that lead to rows, more of them than memory has room for.

While keys come in, they are spread over buckets by their value; each bucket is then sorted by itself. Two files
result, of the keys and of where each leads: little-endian, without a header, to be mapped into memory.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_BUCKETS: Final = 64
KEY: Final = np.dtype("<u8")
#: Twice the row, and one more where the key is not the present one (a replaced number).
PLACE: Final = np.dtype("<u4")
_PAIR: Final = np.dtype([("key", KEY), ("place", PLACE)])


class Pairs(NamedTuple):
    """Keys, and where each leads (索引の行)."""

    keys: NDArray[np.uint64]
    places: NDArray[np.uint32]

    @classmethod
    def of(
        cls, keys: NDArray[np.generic], rows: NDArray[np.int64], ended: NDArray[np.bool_] | None = None
    ) -> Self:
        """Keys of rows, of which some are not the present ones."""
        places = rows * 2 if ended is None else rows * 2 + ended
        return cls(keys.astype(KEY), places.astype(PLACE))

    @classmethod
    def none(cls) -> Self:
        """No keys."""
        return cls(np.empty(0, KEY), np.empty(0, PLACE))

    def sorted(self) -> Self:
        """By key, then by place."""
        order = np.lexsort((self.places, self.keys))
        return type(self)(self.keys[order], self.places[order])

    def moved(self, rows: NDArray[np.int64]) -> Self:
        """The same, leading to where each row has moved; what led to a row that is gone (-1) is left out."""
        led = rows[self.rows]
        here = led >= 0
        return type(self)(self.keys[here], (led[here] * 2 + (self.places[here] & 1)).astype(PLACE))

    def only(self, these: NDArray[np.bool_] | slice) -> Self:
        """Some of them."""
        return type(self)(self.keys[these], self.places[these])

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows they lead to."""
        return (self.places >> 1).astype(np.int64)

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Whether each is a replaced one."""
        return (self.places & 1).astype(np.bool_)


def paths(folder: Path, name: str) -> tuple[Path, Path]:
    """The two files of an index."""
    return folder / f"{name}.keys", folder / f"{name}.rows"


def mapped(folder: Path, name: str) -> Pairs:
    """An index as it lies on the disk."""
    keys, places = paths(folder, name)
    return Pairs(mapped_file(keys, KEY), mapped_file(places, PLACE))


def mapped_file[Number: np.generic](path: Path, kind: np.dtype[Number]) -> NDArray[Number]:
    """Numbers as they lie on the disk; a file of none cannot be mapped."""
    return np.memmap(path, kind, "r") if path.stat().st_size else np.empty(0, kind)


class Sorter:
    """Takes keys in any order and writes them sorted."""

    def __init__(self, folder: Path, name: str, most: int) -> None:
        """An index of this name; keys lie below `most`."""
        self._folder, self._name = folder, name
        self._width = most // _BUCKETS + 1
        self._buckets = folder / f".{name}"
        self._buckets.mkdir()
        self._open = ExitStack()
        self._files: dict[int, IO[bytes]] = {}

    def add(self, pairs: Pairs) -> None:
        """Take in some keys."""
        buckets = (pairs.keys // np.uint64(self._width)).astype(np.uint8)
        order = np.argsort(buckets, kind="stable")
        rows = np.empty(len(order), _PAIR)
        rows["key"], rows["place"] = pairs.keys[order], pairs.places[order]
        bounds = np.searchsorted(buckets[order], np.arange(_BUCKETS + 1))
        for number in np.flatnonzero(np.diff(bounds)).tolist():
            self._file(number).write(rows[bounds[number] : bounds[number + 1]])

    def _file(self, number: int) -> IO[bytes]:
        if number not in self._files:
            self._files[number] = self._open.enter_context((self._buckets / str(number)).open("wb"))
        return self._files[number]

    def close(self) -> None:
        """Close the buckets, whatever becomes of them."""
        self._open.close()

    def finish(self) -> None:
        """Write the files."""
        self.close()
        write_pairs(self._folder, self._name, self._sorted())
        shutil.rmtree(self._buckets)

    def _sorted(self) -> Iterator[Pairs]:
        for number in sorted(self._files):
            rows = np.fromfile(self._buckets / str(number), _PAIR)
            yield Pairs(rows["key"], rows["place"]).sorted()


def write_pairs(folder: Path, name: str, runs: Iterable[Pairs]) -> None:
    """Write keys that come sorted."""
    keys, places = paths(folder, name)
    with keys.open("wb") as key_file, places.open("wb") as place_file:
        for run in runs:
            key_file.write(np.ascontiguousarray(run.keys))
            place_file.write(np.ascontiguousarray(run.places))
