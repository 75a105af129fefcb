# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whose signatures count (信頼する鍵): the keys of one log, and those of its witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openjuki.config import Kind
from openjuki.errors import BadEnvelope, ForgedEnvelope
from openjuki.wire.checkpoint import Checkpoint, origin, read_checkpoint, read_cosignature
from openjuki.wire.note import Note, Signature, SignatureType, Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.wire.directory import Directory

_WITNESSES = frozenset({Kind.CENTRE, Kind.PREFECTURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Keys of a log and of its witnesses (信頼する鍵)."""

    #: Keys of the log, under every name that it had: the present one is the last.
    log: tuple[Verifier, ...]
    witnesses: tuple[Verifier, ...]

    @classmethod
    def of(cls, directory: Directory, node: str) -> Trust:
        """Whom the node directory lists: as witnesses all that may ever have been asked, revoked or not."""
        listed = directory.node(node)
        names = [origin(directory.network, node, number) for number in range(1, listed.journal + 1)]
        return cls(
            log=tuple(
                Verifier(name=name, key=one.key, kind=SignatureType.ED25519)
                for name in names
                for one in listed.log
            ),
            witnesses=tuple(
                Verifier(
                    name=origin(directory.network, other.id), key=one.key, kind=SignatureType.COSIGNATURE
                )
                for other in directory.nodes.values()
                if other.kind in _WITNESSES
                for one in other.cosigning
            ),
        )

    @property
    def origin(self) -> str:
        """What the log is called now."""
        return self.log[-1].name

    def read(self, note: bytes) -> Checkpoint:
        """Verify a checkpoint of the log, under whichever of its names.

        Raises:
            BadEnvelope, ForgedEnvelope: it is none.
        """
        name = Note.from_bytes(note).text.partition(b"\n")[0].decode()
        keys = [one.key for one in self.log if one.name == name]
        if not keys:
            raise ForgedEnvelope(f"no key of a log called {name} is known")
        return read_checkpoint(note, origin=name, keys=keys)

    def strangers(self, note: bytes) -> Iterator[Signature]:
        """Signatures of a note that are not good, and those of keys that nobody knows.

        A C2SP client ignores signatures of others. Of our own notes we know all who may sign: the signature of
        a stranger is a good one that was damaged.

        Raises:
            BadEnvelope: not a signed note.
        """
        for one in Note.from_bytes(note).signatures:
            if not any(map(one.is_by, self.log)) and not self.confirms(note, one):
                yield one

    def confirms(self, note: bytes, cosignature: Signature) -> bool:
        """Whether a witness that is known made this signature over the note."""
        keys = [one.key for one in self.witnesses if cosignature.is_by(one)]
        try:
            read_cosignature(note, cosignature.to_line(), name=cosignature.name, keys=keys)
        except (BadEnvelope, ForgedEnvelope):
            return False
        return True
