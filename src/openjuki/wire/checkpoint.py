# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints (署名済みの到達点; C2SP tlog-checkpoint) and cosignatures (立会署名; C2SP tlog-cosignature). Pure.

A node's signer states with a checkpoint how large its journal was and which root it had. A witness that has
seen that this extends whatever it saw before cosigns it, with the time. Specified in ``docs/spec/checkpoint.md``.

>>> print(Checkpoint(origin="openjuki/demo/131016", size=5, root=bytes(32)).to_text(), end="")
openjuki/demo/131016
5
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from openjuki.config import JST
from openjuki.errors import BadEnvelope, ForgedEnvelope
from openjuki.wire.document import NODE_ID, from_base64, to_base64
from openjuki.wire.merkle import HASH_SIZE
from openjuki.wire.note import MOST_SIGNATURES, Note, Signature, SignatureType, Verifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openjuki.pki.keys import PublicKey, SigningKey

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_ORIGIN = re.compile(
    rf"openjuki/(?P<network>{NODE_ID.pattern})/(?P<node>{NODE_ID.pattern})(/([2-9]|[1-9][0-9]+))?", re.ASCII
)
_LINES = 3
_TIME_SIZE = 8


def origin(network: str, node: str, journal: int = 1) -> str:
    """Name of a node's journal and of the key that signs it (記録簿の名); of the first, the cosigner's name too.

    Args:
        network: the network's name.
        node: the node's id.
        journal: which journal of the node; a book restored from an old backup begins the next one.
    """
    return f"openjuki/{network}/{node}" if journal == 1 else f"openjuki/{network}/{node}/{journal}"


def node_of(origin: str) -> tuple[str, str]:
    """Network and node id of a journal's name (記録簿の名の機関).

    Raises:
        BadEnvelope: no journal is called so.
    """
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise BadEnvelope("not the name of a journal")
    return found["network"], found["node"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Checkpoint (到達点): how large a journal was, and which root it had."""

    #: Whose journal, as `origin` names it.
    origin: str
    #: Number of leaves.
    size: int
    #: Root over them (RFC 6962).
    root: bytes

    def to_text(self) -> str:
        """What is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read it; lines after the third are signed too, and say nothing to us.

        Raises:
            BadEnvelope: not the text of a checkpoint.
        """
        lines = text.removesuffix("\n").split("\n")
        if not text.endswith("\n") or len(lines) < _LINES or not all(lines):
            raise BadEnvelope("a checkpoint has three lines, none of them empty")
        name, size, encoded = lines[:_LINES]
        root = from_base64(encoded)
        if not _SIZE.fullmatch(size) or len(root) != HASH_SIZE:
            raise BadEnvelope("not the size or not the root of a journal")
        return cls(origin=name, size=int(size), root=root)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """Sign a checkpoint (到達点の署名): a signed note, its key called as the journal is.

    Raises:
        BadConfiguration: a key cannot be called so.
    """
    verifier = Verifier(name=checkpoint.origin, key=key.public, kind=SignatureType.ED25519)
    text = checkpoint.to_text().encode()
    signature = Signature(name=verifier.name, key_id=verifier.id, raw=key.sign(text))
    return Note(text=text, signatures=(signature,)).to_bytes()


def read_checkpoint(note: bytes, *, origin: str, keys: Sequence[PublicKey]) -> Checkpoint:
    """Verify a checkpoint (到達点の検証) of this journal under one of the keys of its log.

    Signatures by other keys, cosignatures for instance, are neither checked nor an obstacle.

    Raises:
        BadEnvelope: not a signed checkpoint, or one of another journal.
        ForgedEnvelope: a signature by one of the keys does not verify, or none of them signed.
    """
    signed = Note.from_bytes(note)
    checkpoint = Checkpoint.from_text(signed.text.decode())
    if checkpoint.origin != origin:
        raise BadEnvelope(f"a checkpoint of another journal than {origin}")
    verifiers = [Verifier(name=origin, key=key, kind=SignatureType.ED25519) for key in keys]
    found = [(one, verifier) for one in signed.signatures for verifier in verifiers if one.is_by(verifier)]
    for one, verifier in found:
        verifier.key.verify(one.raw, signed.text)
    if not found:
        raise ForgedEnvelope(f"no key of the journal {origin} has signed this")
    return checkpoint


def cosign(note: bytes, *, name: str, key: SigningKey, at: datetime) -> bytes:
    """Cosign a checkpoint (立会署名): the line to be added to its note, with its newline.

    Whoever calls this says: at this time, it was the largest tree of this journal that I have seen, and it
    extends all those I saw before.

    Raises:
        BadEnvelope: not a signed checkpoint.
        BadConfiguration: a key cannot be called so.
    """
    text = Note.from_bytes(note).text
    Checkpoint.from_text(text.decode())
    seconds = int(at.timestamp())
    verifier = Verifier(name=name, key=key.public, kind=SignatureType.COSIGNATURE)
    raw = seconds.to_bytes(_TIME_SIZE) + key.sign(_cosigned(text, seconds))
    return Signature(name=name, key_id=verifier.id, raw=raw).to_line()


def read_cosignature(note: bytes, line: bytes, *, name: str, keys: Sequence[PublicKey]) -> datetime:
    """Verify a cosignature (立会署名の検証) over a checkpoint: when the witness made it.

    Raises:
        BadEnvelope: not a signed checkpoint, or not a cosignature.
        ForgedEnvelope: by none of the witness's keys, or it does not verify.
    """
    text, one = Note.from_bytes(note).text, Signature.from_line(line)
    for key in keys:
        verifier = Verifier(name=name, key=key, kind=SignatureType.COSIGNATURE)
        if one.is_by(verifier):
            return _check_cosignature(text, one, verifier)
    raise ForgedEnvelope(f"not a cosignature by {name}")


def read_cosignatures(note: bytes, verifiers: Iterable[Verifier]) -> dict[str, datetime]:
    """When each of these witnesses cosigned (立会署名の一覧); those whose cosignature the note lacks are not in it.

    Raises:
        BadEnvelope: not a signed note, or not a cosignature where there ought to be one.
        ForgedEnvelope: a cosignature by one of the keys does not verify.
    """
    signed = Note.from_bytes(note)
    times: dict[str, datetime] = {}
    for verifier in verifiers:
        for one in signed.signatures:
            if verifier.kind is SignatureType.COSIGNATURE and one.is_by(verifier):
                time = _check_cosignature(signed.text, one, verifier)
                times[verifier.name] = max(time, times.get(verifier.name, time))
    return times


def with_cosignatures(note: bytes, lines: Iterable[bytes]) -> bytes:
    """The note with these cosignatures added (立会署名の添付); none stands twice.

    Raises:
        BadEnvelope: not a note, not a line of a signature, or too many of them.
    """
    signed = Note.from_bytes(note)
    # a dictionary keeps the order in which they came, a set would not
    signatures = tuple(dict.fromkeys((*signed.signatures, *map(Signature.from_line, lines))))
    if len(signatures) > MOST_SIGNATURES:
        raise BadEnvelope(f"a note has {MOST_SIGNATURES} signatures at most")
    return replace(signed, signatures=signatures).to_bytes()


def _check_cosignature(text: bytes, one: Signature, verifier: Verifier) -> datetime:
    seconds = int.from_bytes(one.raw[:_TIME_SIZE])
    verifier.key.verify(one.raw[_TIME_SIZE:], _cosigned(text, seconds))
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone(JST)
    except (ValueError, OverflowError, OSError) as error:
        raise BadEnvelope("a cosignature at no time") from error


def _cosigned(text: bytes, seconds: int) -> bytes:
    return b"cosignature/v1\ntime %d\n%b" % (seconds, text)
