# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where sealed chunks lie until they are pulled (回答の一時保管): one file a part, sealed as it goes over the line.

A file is whole before its part is recorded, and named by what the part's row in the journal commits to: what is not
recorded has no name that anybody could ask for. The key that opens a file stands in the database alone.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from openjuki.config import clock
from openjuki.errors import StoreUnavailable
from openjuki.wire.chunks import SEALED_SIZE
from openjuki.wire.errors import NotOnOffer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from openjuki.nodes.node import Office
    from openjuki.store.jobs import Name

_ANSWER: Final = ".answer"
_KEYS: Final = "keys-"
#: Seconds after which a file whose part was not recorded will not be.
_SETTLED: Final = 600.0


def folder(office: Office, name: Name) -> Path:
    """Where the files of a request lie."""
    return _root(office) / name.asker / name.request


def put(office: Office, name: Name, commitment: bytes, chunks: Iterable[bytes]) -> None:
    """Put a part where it will be pulled from; on the disk when this returns.

    Raises:
        StoreUnavailable: there is no room.
    """
    path = _answer(office, name, commitment)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _private(path) as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise StoreUnavailable("no room for an answer in bulk; free some space") from error


def put_keys(office: Office, name: Name, part: int, chunks: Iterable[bytes]) -> None:
    """Put the sealed keys of a part where they are found instead of being pulled: they came on a medium (媒体)."""
    path = _keys(office, name, part)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _private(path) as file:
        file.writelines(chunks)


def has_keys(office: Office, name: Name, part: int) -> bool:
    """Whether the keys of a part came on a medium."""
    return _keys(office, name, part).exists()


def keys_chunk(office: Office, name: Name, part: int, chunk: int) -> bytes:
    """A sealed chunk of keys that came on a medium.

    Raises:
        NotOnOffer: there is none.
    """
    return _chunk(_keys(office, name, part), chunk)


def answer_chunk(office: Office, name: Name, commitment: bytes, chunk: int) -> bytes:
    """A sealed chunk of a part.

    Raises:
        NotOnOffer: there is none.
    """
    return _chunk(_answer(office, name, commitment), chunk)


def let_go(office: Office, name: Name, commitments: Iterable[bytes]) -> None:
    """Remove parts that have arrived, or that were not recorded after all."""
    for commitment in commitments:
        _answer(office, name, commitment).unlink(missing_ok=True)
    _prune(folder(office, name))


def forget(office: Office, name: Name) -> None:
    """Remove what came on a medium for a request that has ended."""
    for path in folder(office, name).glob(f"{_KEYS}*"):
        path.unlink(missing_ok=True)
    _prune(folder(office, name))


def sweep(office: Office, kept: Collection[bytes]) -> int:
    """Remove the answers that no row of the database opens, or will in a moment; how many there were."""
    names, settled = {commitment.hex() + _ANSWER for commitment in kept}, clock().timestamp() - _SETTLED
    gone = [
        path
        for path in _root(office).glob(f"*/*/*{_ANSWER}")
        if path.name not in names and path.stat().st_mtime < settled
    ]
    for path in gone:
        path.unlink(missing_ok=True)
        _prune(path.parent)
    return len(gone)


def _root(office: Office) -> Path:
    return office.published.parent / "bulk" / office.id


def _answer(office: Office, name: Name, commitment: bytes) -> Path:
    return folder(office, name) / f"{commitment.hex()}{_ANSWER}"


def _keys(office: Office, name: Name, part: int) -> Path:
    return folder(office, name) / f"{_KEYS}{part}"


def _chunk(path: Path, chunk: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(chunk * SEALED_SIZE)
            found = file.read(SEALED_SIZE)
    except FileNotFoundError:
        found = b""
    if not found:
        raise NotOnOffer
    return found


def _prune(path: Path) -> None:
    """Remove a request's folder where it is empty, and its asker's."""
    with suppress(OSError):
        path.rmdir()
        path.parent.rmdir()


def _private(path: Path) -> BinaryIO:
    """A new file that nobody else may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
