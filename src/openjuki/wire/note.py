# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Signed notes (署名付き文面; C2SP signed-note): text for machines and people, signed by one or more keys. Pure.

Rules of this file, specified in ``docs/spec/checkpoint.md``:

1. The text verified is the text received, never one written anew.
2. A key is known by its name and its id together; signatures of other keys are ignored.
3. A signature by a known key that does not verify spoils the whole note.

>>> from openjuki.pki.keys import PublicKey
>>> Verifier(name="example.org/log", key=PublicKey(bytes(32)), kind=SignatureType.ED25519).to_text()
'example.org/log+70da24f6+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from openjuki.errors import BadConfiguration, BadEnvelope
from openjuki.pki.keys import PublicKey
from openjuki.wire.document import from_base64, to_base64

#: Most bytes of a note that is read, and most signatures; others must take 16 of them.
LARGEST_NOTE = 65_536
MOST_SIGNATURES = 32

_KEY_ID_SIZE = 4
_KEY_SIZE = 32
_DASH = "\N{EM DASH} "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class SignatureType(IntEnum):
    """What a key's signatures are over (署名の種類), by the byte that C2SP assigned."""

    #: The text of the note: the log's own signature.
    ED25519 = 0x01
    #: The text and a time: a witness's cosignature.
    COSIGNATURE = 0x04


def is_key_name(name: str) -> bool:
    """Whether a key may be called so: not empty, no space of any kind, no plus."""
    return bool(name) and not any(letter.isspace() or letter == "+" for letter in name)


def note_key_id(name: str, key: PublicKey, kind: SignatureType) -> bytes:
    """The four bytes by which a note's signature names its key: not a digest to rely on."""
    return hashlib.sha256(b"%b\n%c%b" % (name.encode(), kind, key.raw)).digest()[:_KEY_ID_SIZE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A public key under its name (検証鍵), as it lies in a file for those who verify without a server.

    Raises:
        BadConfiguration: a key cannot have this name.
    """

    #: Whose it is, e.g. ``openjuki/demo/131016``.
    name: str
    key: PublicKey
    kind: SignatureType

    def __post_init__(self) -> None:
        """Check the name."""
        if not is_key_name(self.name):
            raise BadConfiguration("a key's name is neither empty nor has it spaces or a plus")

    @property
    def id(self) -> bytes:
        """The four bytes that stand before its signatures."""
        return note_key_id(self.name, self.key, self.kind)

    def to_text(self) -> str:
        """The C2SP verifier key: name, id and key on one line."""
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.kind]) + self.key.raw)}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a verifier key.

        Raises:
            BadConfiguration: it is not one, or of a kind that OpenJuki does not use.
        """
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            kind, *raw = from_base64(encoded)
            found = cls(name=name, key=PublicKey(bytes(raw)), kind=SignatureType(kind))
        except (ValueError, BadEnvelope) as error:
            raise BadConfiguration("not a verifier key: name+id+key") from error
        if found.id.hex() != key_id.lower():
            raise BadConfiguration("the verifier key's id is not that of its name and key")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Signature of a note (文面の署名): whose it says it is, and its bytes."""

    name: str
    key_id: bytes
    #: What follows the key id; its layout belongs to the type of signature.
    raw: bytes

    def to_line(self) -> bytes:
        """The signature's line in a note, with its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.raw)}\n".encode()

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read a line.

        Raises:
            BadEnvelope: not a line of a signature.
        """
        text = _text(line)
        name, _, encoded = text.removeprefix(_DASH).removesuffix("\n").partition(" ")
        if not text.startswith(_DASH) or not text.endswith("\n") or not is_key_name(name):
            raise BadEnvelope("not the line of a signature")
        raw = from_base64(encoded)
        if len(raw) <= _KEY_ID_SIZE:
            raise BadEnvelope("a signature without its bytes")
        return cls(name=name, key_id=raw[:_KEY_ID_SIZE], raw=raw[_KEY_ID_SIZE:])

    def is_by(self, verifier: Verifier) -> bool:
        """Whether it says that this key made it."""
        return (self.name, self.key_id) == (verifier.name, verifier.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Signed note (署名付き文面), read and not yet verified."""

    #: What is signed, with its last newline.
    text: bytes
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Text, an empty line, signatures."""
        return b"%b\n%b" % (self.text, b"".join(one.to_line() for one in self.signatures))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a note.

        Raises:
            BadEnvelope: not a note, or one with too many signatures.
        """
        if len(raw) > LARGEST_NOTE:
            raise BadEnvelope("too large for a note")
        _text(raw)
        text, empty_line, block = raw.rpartition(b"\n\n")
        lines = block.splitlines(keepends=True)
        if not empty_line or not 1 <= len(lines) <= MOST_SIGNATURES:
            raise BadEnvelope("not a note: text, an empty line, lines of signatures")
        return cls(text=text + b"\n", signatures=tuple(map(Signature.from_line, lines)))


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadEnvelope("a note is UTF-8") from error
    if _CONTROL.search(text):
        raise BadEnvelope("a note has no control characters")
    return text
