# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Salts and tree of a part (塩とハッシュ木), in columns: a million leaves in a fraction of a second.

A chunk of 1,024 rows has a secret; its salts are the AES-256-CTR keystream under it. A chunk is a perfect subtree, but
for the last one: so its root and its rows are enough to prove one of them, and none of the others need be read.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from openjuki.store.bulk.columns import content, sha256
from openjuki.wire.merkle import HASH_SIZE, Tree
from openjuki.wire.part import ROW_SIZE, SALT_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Bytes = NDArray[np.uint8]

#: Rows under one secret.
CHUNK: Final = 1024
#: Levels of the tree below the root of a chunk.
HEIGHT: Final = 10
#: Up to so many hashes one after the other is faster than all at once.
_FEW: Final = 2048


def chunks(rows: int) -> int:
    """How many chunks so many rows have."""
    return -(-rows // CHUNK)


def salts(secrets: bytes, rows: int) -> Bytes:
    """The salts of a part's rows, under a secret for each of its chunks."""
    found = np.empty((chunks(rows) * CHUNK, SALT_SIZE), np.uint8)
    zeros, view = bytes(CHUNK * SALT_SIZE), found.reshape(-1).data
    for chunk in range(chunks(rows)):
        secret = secrets[chunk * SALT_SIZE : (chunk + 1) * SALT_SIZE]
        keystream = Cipher(
            algorithms.AES(secret), modes.CTR(bytes(16))
        ).encryptor()  # a key is used for one stream
        keystream.update_into(zeros, view[chunk * len(zeros) : (chunk + 1) * len(zeros)])
    return found[:rows]


def leaves(table: pa.Table, salts: Bytes) -> Bytes:
    """Hashes of the leaves of these rows: SHA-256(0x00 ‖ salt ‖ row)."""
    found = np.empty((table.num_rows, 1 + SALT_SIZE + ROW_SIZE), np.uint8)
    found[:, 0] = 0
    found[:, 1 : 1 + SALT_SIZE] = salts
    found[:, -ROW_SIZE:-2] = _column(table, "code").astype(">i8").view(np.uint8).reshape(-1, 8)
    found[:, -2] = _column(table, "result")
    found[:, -1] = _column(table, "basis")
    return _hashed(found)


def chunk_roots(leaves: Bytes) -> Bytes:
    """The roots over the leaves of each chunk."""
    level = leaves
    for _ in range(HEIGHT):
        level = _above(level)
    return level


def root(hashes: Bytes) -> bytes:
    """The root over leaves, or over the roots of chunks."""
    level = hashes
    while len(level) > 1:
        level = _above(level)
    return level.tobytes() or Tree.EMPTY.root


def levels(hashes: bytes) -> tuple[bytes, ...]:
    """The levels over leaves, or over the roots of chunks, without the root: each its hashes one after the other."""
    found, level = [], np.frombuffer(hashes, np.uint8).reshape(-1, HASH_SIZE)
    while len(level) > 1:
        found.append(level.tobytes())
        level = _above(level)
    return tuple(found)


def path(levels: tuple[bytes, ...], index: int) -> tuple[bytes, ...]:
    """The hashes beside a leaf on its way up (RFC 6962 2.1.1); a last one without a neighbour goes up as it is."""
    beside = [
        level[start : start + HASH_SIZE]
        for height, level in enumerate(levels)
        for start in [(index >> height ^ 1) * HASH_SIZE]
    ]
    return tuple(filter(None, beside))


def _above(level: Bytes) -> Bytes:
    """The level above: a hash for each pair, and the last one itself where it has no neighbour."""
    pairs = len(level) // 2
    if not pairs:
        return level
    nodes = np.empty((pairs, 1 + 2 * HASH_SIZE), np.uint8)
    nodes[:, 0] = 1
    nodes[:, 1:] = level[: 2 * pairs].reshape(pairs, -1)
    return np.concatenate([_hashed(nodes), level[2 * pairs :]])


def _hashed(values: Bytes) -> Bytes:
    if len(values) <= _FEW:
        rows = values.tobytes()
        width = values.shape[1]
        one_by_one = (hashlib.sha256(rows[at : at + width]).digest() for at in range(0, len(rows), width))
        return np.frombuffer(b"".join(one_by_one), np.uint8).reshape(-1, HASH_SIZE)
    return _matrix(sha256(_binary(values)))


def _binary(values: Bytes) -> Any:
    """The rows of a matrix as values, where they lie."""
    rows, width = values.shape
    bounds = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    return pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(bounds), pa.py_buffer(values)])


def _matrix(hashes: Any) -> Bytes:
    """Hashes as the rows of a matrix, where they lie."""
    return content(hashes).reshape(-1, HASH_SIZE)


def _column(table: pa.Table, name: str) -> NDArray[Any]:
    column: Any = table[name]
    found: NDArray[Any] = pc.fill_null(column, 0).to_numpy()
    return found
