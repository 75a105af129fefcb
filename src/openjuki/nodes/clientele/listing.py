# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A list at its agency (対象者一覧のファイル): sorted, each key once, in the chunks in which it is shown.

A list is a file named by its digest in the folder ``clientele/<node>`` of the home: one line that tells the chunks, and
the chunks. It is written whole or not at all, and never changed; what no list needs any more is swept away.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np
import orjson

from openjuki.errors import BadInput, FileEmpty, IntegrityFailure, NotWritable
from openjuki.nodes.clientele.ascending import each_once
from openjuki.wire import key_list
from openjuki.wire.clientele import MOST_KEYS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from openjuki.nodes.node import Office
    from openjuki.wire.key_list import Keys


#: Seconds after which nobody writes at a draft any more.
_DRAFT_SECONDS: Final = 3_600


class Listing(NamedTuple):
    """What a file says of its list (一覧の目録)."""

    #: Of its first line, which tells the chunks: the name of the file.
    digest: bytes
    keys: int
    #: SHA-256 of each chunk, and how many bytes it has.
    chunks: tuple[tuple[bytes, int], ...]
    #: Where the first chunk begins.
    start: int

    @classmethod
    def of(cls, line: bytes) -> Self:
        """Read the first line."""
        said = orjson.loads(line)
        chunks = tuple((bytes.fromhex(digest), size) for digest, size in said["chunks"])
        return cls(sha256(line).digest(), said["keys"], chunks, len(line))

    @property
    def digests(self) -> tuple[bytes, ...]:
        """By what the chunks are known."""
        return tuple(digest for digest, _ in self.chunks)


def folder(office: Office) -> Path:
    """Where the lists of a node lie (0700)."""
    return office.published.parent / "clientele" / office.id


def sorted_keys(parts: Iterable[Keys]) -> Keys:
    """Keys from anywhere in ascending order, each once.

    Raises:
        FileEmpty: there is none.
        BadInput: there are more than a list may have.
    """
    found = list(parts)
    keys = each_once(np.concatenate(found)) if found else np.empty(0, np.int64)
    if not len(keys):
        raise FileEmpty("no key can be read in the list")
    if len(keys) > MOST_KEYS:
        raise BadInput(f"a list has at most {MOST_KEYS:,} persons")
    return keys


def write(office: Office, keys: Keys) -> Listing:
    """Write a list, ascending and each key once.

    Raises:
        NotWritable: the disk does not take it.
    """
    where = folder(office)
    chunks = list(key_list.chunks(keys))
    told = [[sha256(chunk).hexdigest(), len(chunk)] for chunk in chunks]
    line = orjson.dumps({"chunks": told, "keys": len(keys)}) + b"\n"
    listing = Listing.of(line)
    try:
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put(where / f"{listing.digest.hex()}.keys", [line, *chunks], office.entropy(8).hex())
    except OSError as error:
        raise NotWritable(f"the list cannot be written: {error.strerror}") from error
    return listing


def is_there(office: Office, digest: bytes) -> bool:
    """Whether the file of a list is there."""
    return _path(office, digest).exists()


def read(office: Office, digest: bytes) -> Listing:
    """What the file of a list says of it.

    Raises:
        IntegrityFailure: it is not there, or another than it was.
    """
    try:
        with _path(office, digest).open("rb") as file:
            listing = Listing.of(file.readline())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IntegrityFailure("the file of a clientele is gone or damaged; put the list again") from error
    if listing.digest != digest:
        raise IntegrityFailure("the file of a clientele was changed; put the list again")
    return listing


def chunk(office: Office, digest: bytes, place: int) -> bytes:
    """A chunk of a list.

    Raises:
        IntegrityFailure: the file has no such chunk, is not there, or another than it was.
    """
    listing = read(office, digest)
    if place >= len(listing.chunks):
        raise IntegrityFailure("a clientele has no such chunk")
    known, size = listing.chunks[place]
    with _path(office, digest).open("rb") as file:
        file.seek(listing.start + sum(before for _, before in listing.chunks[:place]))
        found = file.read(size)
    if sha256(found).digest() != known:
        raise IntegrityFailure("the file of a clientele was changed; put the list again")
    return found


def sweep(office: Office, needed: Collection[bytes]) -> None:
    """Remove the files of lists that no one needs, and what was left of one by a process that was killed."""
    kept = {f"{digest.hex()}.keys" for digest in needed}
    for path in folder(office).glob("*.keys"):
        if path.name not in kept:
            path.unlink(missing_ok=True)
    before = office.clock().timestamp() - _DRAFT_SECONDS
    for draft in folder(office).glob("*.new"):
        with suppress(FileNotFoundError):  # it may have become a list just now
            if draft.stat().st_mtime < before:
                draft.unlink()


def _path(office: Office, digest: bytes) -> Path:
    return folder(office) / f"{digest.hex()}.keys"


def _put(path: Path, pieces: Iterable[bytes], draft: str) -> None:
    """Write a file whole or not at all; its draft is nobody else's, who may write the same list."""
    new = path.with_name(f"{path.stem}.{draft}.new")
    try:
        with open(new, "wb", opener=_private) as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
