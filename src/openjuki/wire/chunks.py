# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Chunks (分割片): how a part of keys or of answers is cut and sealed to be pulled. Pure.

A chunk is ``nonce ‖ AES-256-GCM``. The nonce is derived from the content and its place, so that the same content
sealed again gives the same bytes, and two contents never share a nonce: neither side need keep what it can seal
again. Chunks are not signed: their digests stand in what is. Specified in ``docs/spec/bulk.md``.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openjuki.errors import BadEnvelope, ForgedEnvelope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Bytes of the content of a chunk; all have so many but the last.
CHUNK_SIZE: Final = 900_000 - 28
#: How many chunks are pulled at once.
WINDOW: Final = 8
#: Bytes of a sealed chunk, likewise.
SEALED_SIZE: Final = 900_000
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16


class Place(NamedTuple):
    """Where a part belongs (分割片の所属); a chunk opens nowhere else."""

    asker: str
    provider: str
    request: str
    #: Which of its parts.
    part: int
    #: Keys go one way, answers the other.
    answers: bool

    def context(self, chunk: int) -> bytes:
        """What binds a chunk to its place."""
        what = "answers" if self.answers else "keys"
        lines = (
            "openjuki/bulk/v1",
            self.asker,
            self.provider,
            self.request,
            what,
            str(self.part),
            str(chunk),
        )
        return "\n".join(lines).encode()


def cut(content: bytes) -> Iterator[bytes]:
    """The contents of a part's chunks; of an empty part, one that is empty."""
    for start in range(0, max(1, len(content)), CHUNK_SIZE):
        yield content[start : start + CHUNK_SIZE]


def count(size: int) -> int:
    """How many chunks a part of so many bytes has.

    >>> count(0), count(1), count(CHUNK_SIZE), count(CHUNK_SIZE + 1)
    (1, 1, 1, 2)
    """
    return max(1, -(-size // CHUNK_SIZE))


def seal_chunk(content: bytes, key: bytes, place: Place, chunk: int) -> bytes:
    """Seal a chunk (封緘); the same content at the same place gives the same bytes."""
    context = place.context(chunk)
    nonce = hmac.digest(key, context + b"\n" + sha256(content).digest(), "sha256")[:_NONCE_SIZE]
    return nonce + AESGCM(key).encrypt(nonce, content, context)


def open_chunk(sealed: bytes, key: bytes, place: Place, chunk: int, digest: bytes) -> bytes:
    """Open a chunk (開封) that has this digest.

    Raises:
        ForgedEnvelope: it has another.
        BadEnvelope: it does not open under its key at this place.
    """
    if sha256(sealed).digest() != digest:
        raise ForgedEnvelope(f"chunk {chunk} is not the one that was announced")
    if len(sealed) < _NONCE_SIZE + _TAG_SIZE:
        raise BadEnvelope(f"chunk {chunk} is none")
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], place.context(chunk))
    except InvalidTag as error:
        raise BadEnvelope(f"chunk {chunk} does not open under its key") from error


def seal_part(content: bytes, key: bytes, place: Place) -> list[bytes]:
    """Cut and seal a part."""
    return [seal_chunk(one, key, place, number) for number, one in enumerate(cut(content))]


def digests(sealed: Sequence[bytes]) -> tuple[bytes, ...]:
    """By what chunks are known: their SHA-256."""
    return tuple(sha256(one).digest() for one in sealed)
