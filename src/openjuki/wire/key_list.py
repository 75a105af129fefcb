# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A list of keys in chunks (照会条件の一覧): codes or numbers in ascending order, each once, by their differences. Pure.

A chunk is the first key (8 bytes, little-endian), how many there are (4 bytes), and an RFC 1950 stream of five byte
planes: of every difference to the next key the lowest byte, then the second lowest, and so on. Ten million codes take
18 MB so. A chunk is read without a library that would have to be trusted with a stranger's bytes. Specified in
``docs/spec/clientele.md``.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.errors import BadEnvelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    type Keys = NDArray[np.int64]

#: Most keys of a chunk: compressed, they fit a message however they lie.
MOST_OF_A_CHUNK: Final = 262_144
#: No code or number has more digits.
_BEYOND: Final = 10**12
#: Bytes of a difference.
_PLANES: Final = 5
_HEAD: Final = struct.Struct("<qI")


def chunks(keys: Keys) -> Iterator[bytes]:
    """Write a list, ascending and each key once, in chunks."""
    for start in range(0, len(keys), MOST_OF_A_CHUNK):
        yield _write(keys[start : start + MOST_OF_A_CHUNK])


def read(raw: bytes) -> Keys:
    """Read a chunk, from anybody.

    Raises:
        BadEnvelope: malformed, not ascending, or holds what is no key.
    """
    if len(raw) < _HEAD.size:
        raise BadEnvelope("not a chunk of keys")
    first, count = _HEAD.unpack_from(raw)
    if not 0 <= first < _BEYOND or not 1 <= count <= MOST_OF_A_CHUNK:
        raise BadEnvelope("not a chunk of keys")
    keys = np.empty(count, np.int64)
    keys[0] = first
    keys[1:] = _differences(_inflate(raw[_HEAD.size :], _PLANES * (count - 1)), count - 1)
    if (keys[1:] <= 0).any():
        raise BadEnvelope("keys that do not ascend")
    np.cumsum(keys, out=keys)
    if keys[-1] >= _BEYOND:
        raise BadEnvelope("not a chunk of keys")
    return keys


def _write(keys: Keys) -> bytes:
    differences = np.diff(keys).astype("<u8").view(np.uint8).reshape(-1, 8)
    planes = np.ascontiguousarray(differences[:, :_PLANES].T)
    return _HEAD.pack(int(keys[0]), len(keys)) + zlib.compress(planes.tobytes(), 1)


def _differences(planes: bytes, count: int) -> Keys:
    bytes_ = np.zeros((count, 8), np.uint8)
    bytes_[:, :_PLANES] = np.frombuffer(planes, np.uint8).reshape(_PLANES, count).T
    return bytes_.view("<i8").reshape(count)


def _inflate(compressed: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        planes = inflater.decompress(compressed, size + 1)
    except zlib.error as error:
        raise BadEnvelope("a chunk does not inflate") from error
    if len(planes) != size or not inflater.eof or inflater.unused_data:
        raise BadEnvelope("a chunk does not inflate to its keys")
    return planes
