# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Individual numbers for many codes at once (個人番号の生成, 番号法施行令6条): `codes.individual.derive`, in columns.

The definition stands in `codes.individual` and docs/spec/codes.md; a test holds the two together.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from openjuki.store.bulk.columns import binary, hmac_sha256, join, matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column

_DOMAIN = b"openjuki/individual-number/v1\x00"
_BODIES = 10**11
_CANDIDATE_BYTES = 5
_ACCEPTED = 2 ** (8 * _CANDIDATE_BYTES) // _BODIES * _BODIES
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MODULUS = 11
_NONE = -1
#: Codes in one thread's hands.
_PART = 1 << 16


def derive(codes: Column, key: bytes, attempts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number that each code gives at its attempt."""
    derived = np.full(len(codes), _NONE)
    draw = 0
    while (open_ := np.flatnonzero(derived == _NONE)).size:
        subject = (_DOMAIN, codes.take(pa.array(open_)), _four_bytes(attempts[open_]), draw.to_bytes(4))
        candidates = _leading(hmac_sha256(key, join(*subject)))
        accepted = candidates < _ACCEPTED
        derived[open_[accepted]] = _with_check_digit(candidates[accepted] % _BODIES)
        draw += 1
    return derived


def assign(codes: Column, given: Column, key: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number for each code, all different: the given one, else the first derived one that is nobody's.

    Returns:
        The numbers, and the attempt at which each was derived.
    """
    derived = given.is_null().to_numpy(zero_copy_only=False)
    numbers = given.cast(pa.int64()).fill_null(_NONE).to_numpy(zero_copy_only=False).copy()
    attempts = np.zeros(len(codes), np.int64)
    again = np.flatnonzero(derived)
    while again.size:
        numbers[again] = _derive_all(codes.take(pa.array(again)), key, attempts[again])
        taken = _taken(numbers, derived)
        again = taken[derived[taken]]
        attempts[again] += 1
    return numbers, attempts


def _derive_all(codes: Column, key: bytes, attempts: NDArray[np.int64]) -> NDArray[np.int64]:
    """`derive`, on all processors: hashing holds no lock."""
    starts = range(0, len(codes), _PART)
    parts = [(codes.slice(start, _PART), key, attempts[start : start + _PART]) for start in starts]
    with ThreadPoolExecutor() as workers:
        return np.concatenate(list(workers.map(lambda part: derive(*part), parts)))


def _taken(numbers: NDArray[np.int64], derived: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Rows whose number another row has already: a given one first, then the earliest."""
    order = np.lexsort((derived, numbers))
    repeated = numbers[order][1:] == numbers[order][:-1]
    return np.asarray(order[1:][repeated], np.intp)


def _leading(hashes: Column) -> NDArray[np.int64]:
    """The first bytes of each hash as a number."""
    raw = matrix(hashes, 32)[:, :_CANDIDATE_BYTES].astype(np.int64)
    places = 256 ** np.arange(_CANDIDATE_BYTES - 1, -1, -1, dtype=np.int64)
    return np.asarray(raw @ places, np.int64)


def _with_check_digit(bodies: NDArray[np.int64]) -> NDArray[np.int64]:
    weighted = np.zeros_like(bodies)
    for place, weight in enumerate(reversed(_WEIGHTS)):
        weighted += bodies // 10**place % 10 * weight
    remainder = weighted % _MODULUS
    return bodies * 10 + np.where(remainder <= 1, 0, _MODULUS - remainder)


def _four_bytes(values: NDArray[np.int64]) -> Column:
    return binary(values.astype(">i4").view(np.uint8).reshape(-1, 4))
