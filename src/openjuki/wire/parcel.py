# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A parcel on a medium (媒体による授受): what goes by hand instead of over the line, signed, sealed and numbered. Pure.

A parcel is a document beside files. The document says from whom to whom it goes, which of the sender's parcels to that
recipient it is, what is in it, and the length and SHA-256 of each file; what opens the files is sealed to the recipient.
It does not expire, for media travel. Specified in ``docs/spec/parcel.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import orjson

from openjuki.errors import BadEnvelope, MisaddressedEnvelope, OversizedMessage
from openjuki.wire.document import Items, from_base64, to_base64, to_time
from openjuki.wire.sealing import Sealed, seal, sign_sealed, unseal

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory

#: Most bytes of the document.
MOST: Final = 8 * 1_048_576
#: Most files, and most bytes of one.
MOST_FILES: Final = 64
MOST_BYTES: Final = 1024 * 1_048_576
#: Highest number of a parcel: of what is handed over, far more than ever will be.
_MOST_NUMBER: Final = 2**31 - 1
_FILE: Final = re.compile(r"(?:keys|answer)-[0-9]{4}\.bin", re.ASCII)


class What(StrEnum):
    """What is in a parcel (媒体の内容)."""

    #: A request in bulk, and its keys (照会).
    REQUEST = "request"
    #: What became of a request, and its answer (回答).
    ANSWER = "answer"
    #: That an answer arrived (受領の確認).
    RECEIPT = "receipt"


class Enclosed(NamedTuple):
    """A file beside the document (同封のファイル)."""

    name: str
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel (媒体の送付)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.parcel.v1+json"

    network: str
    sender: str
    recipient: str
    #: Counts from 1 what this sender has handed to this recipient.
    number: int
    what: What
    #: The request in bulk that it is about.
    request: str
    issued: datetime
    files: tuple[Enclosed, ...]
    #: What is sealed; its layout belongs to what it is.
    body: bytes = field(repr=False)

    def header(self) -> dict[str, Any]:
        """Everything but the body."""
        return {
            "files": [[one.name, one.size, one.sha256.hex()] for one in self.files],
            "from": self.sender,
            "issued": to_time(self.issued),
            "network": self.network,
            "number": self.number,
            "request": self.request,
            "to": self.recipient,
            "what": self.what,
        }

    def context(self) -> bytes:
        """What binds the sealed body to this parcel."""
        place = (self.network, self.sender, self.recipient, str(self.number), self.what, self.request)
        return "\n".join(("openjuki/parcel/v1", *place)).encode()


def write_parcel(parcel: Parcel, *, keys: NodeKeys, directory: Directory) -> bytes:
    """Seal to the recipient and sign (封緘と署名): the document of a parcel.

    Raises:
        UnlistedNode, RevokedNode: the recipient is not in the directory, or no longer.
        OversizedMessage: longer than a reader reads.
    """
    public = directory.sealing_key(parcel.recipient, at=parcel.issued)
    sealed = seal(parcel.body, {parcel.recipient: public}, parcel.context())
    return sign_sealed(Parcel.PAYLOAD_TYPE, parcel.header(), sealed, keys, most=MOST)


def read_parcel(raw: bytes, *, keys: NodeKeys, directory: Directory) -> Parcel:
    """Verify and open (署名の検証と開封) the document of a parcel to this node.

    Raises:
        OversizedMessage: longer than any.
        BadEnvelope: malformed, or of another network.
        ForgedEnvelope, UnlistedNode, RevokedNode: not signed by its sender with a key that was good then.
        MisaddressedEnvelope: to another node.
    """
    if len(raw) > MOST:
        raise OversizedMessage
    signed = directory.open(raw, Parcel.PAYLOAD_TYPE)
    parcel = _from_items(signed.items)
    directory.check_signer(signed.key_id, parcel.sender, at=parcel.issued).check_not_revoked(parcel.issued)
    if parcel.network != directory.network:
        raise BadEnvelope("a parcel of another network")
    if parcel.recipient != keys.node:
        raise MisaddressedEnvelope(f"this parcel goes from {parcel.sender} to {parcel.recipient}")
    sealed = Sealed.from_items(signed.items.inner("content"), signed.content)
    return replace(parcel, body=unseal(sealed, keys, parcel.context()))


def write_answer(progress: bytes, parts: tuple[bytes, ...]) -> bytes:
    """The body of an answer: what became of the request, and what opens each part (`wire.answered.PartReply`)."""
    return orjson.dumps({"parts": [to_base64(part) for part in parts], "progress": to_base64(progress)})


def read_answer(body: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Read what `write_answer` wrote.

    Raises:
        BadEnvelope: malformed.
    """
    items = Items(body)
    return items.raw("progress"), tuple(from_base64(part) for part in items.take("parts", list))


def _from_items(items: Items) -> Parcel:
    what = items.take("what", str)
    if what not in What:
        raise BadEnvelope("missing or malformed: what")
    return Parcel(
        network=items.take("network", str),
        sender=items.node("from"),
        recipient=items.node("to"),
        number=items.count("number", least=1, most=_MOST_NUMBER),
        what=What(what),
        request=items.id("request"),
        issued=items.time("issued"),
        files=_files(items.take("files", list)),
        body=b"",
    )


def _files(found: list[Any]) -> tuple[Enclosed, ...]:
    if len(found) > MOST_FILES:
        raise BadEnvelope("a parcel with too many files")
    try:
        named = [Items({"name": name, "size": size, "sha256": digest}) for name, size, digest in found]
    except (TypeError, ValueError) as error:
        raise BadEnvelope("missing or malformed: files") from error
    files = tuple(
        Enclosed(one.text("name", _FILE), one.count("size", least=1, most=MOST_BYTES), one.digest("sha256"))
        for one in named
    )
    if len({one.name for one in files}) < len(files):
        raise BadEnvelope("two files of one name")
    return files
