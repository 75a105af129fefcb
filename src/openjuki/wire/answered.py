# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Manifest and receipt of a part of an answer in bulk (一括提供の回答の目録と受領の確認). Pure.

A manifest is the provider's signed word of what a part holds; a receipt is the asker's that it has it. Whoever keeps
both can say later what was provided and that it arrived. Specified in ``docs/spec/bulk.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, TypeGuard

import orjson

from openjuki.errors import BadEnvelope
from openjuki.refusal import one_line
from openjuki.wire.bulk import (
    MOST_PART_BYTES,
    MOST_PART_ROWS,
    MOST_PARTS,
    StateAt,
    content_key,
    read_counts,
    write_counts,
)
from openjuki.wire.chunks import Place, count
from openjuki.wire.document import Items, sign_document, to_base64
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.residents.look_up.result import Result
    from openjuki.wire.directory import Directory

#: Kind of the provider's row of a part.
PART_PROVIDED: Final = "provision.part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Manifest of a part of an answer (回答の目録)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.bulk-part.v1+json"

    network: str
    asker: str
    provider: str
    request: str
    #: Which part, counted from 0.
    part: int
    #: As many as the part of the keys has.
    rows: int
    #: Bytes before it is cut and sealed, an Arrow stream of `openjuki.wire.columns.answer_schema`.
    size: int
    #: SHA-256 of each sealed chunk.
    chunks: tuple[bytes, ...]
    #: To which the column ``article`` points.
    articles: tuple[str, ...]
    #: What is told, in the order of the columns.
    items: tuple[str, ...]
    #: Rows by result; those that are nought may be left out.
    results: Mapping[Result, int]
    #: By which state of the register.
    state: StateAt
    #: When it was recorded: the time of its row in the journal.
    time: datetime
    #: What that row (`PART_PROVIDED`) commits to.
    row: bytes

    @property
    def place(self) -> Place:
        """Where its chunks belong."""
        return Place(self.asker, self.provider, self.request, self.part, answers=True)

    def sign(self, keys: NodeKeys) -> bytes:
        """Sign with the provider's key (目録の署名)."""
        payload = {
            "articles": self.articles,
            "asker": self.asker,
            "chunks": [one.hex() for one in self.chunks],
            "items": self.items,
            "network": self.network,
            "part": self.part,
            "provider": self.provider,
            "request": self.request,
            "results": write_counts(self.results),
            "row": self.row.hex(),
            "rows": self.rows,
            "size": self.size,
            "state": self.state.to_dict(),
            "time": leaf_time(self.time),
        }
        return sign_document(
            self.PAYLOAD_TYPE, orjson.dumps(payload, option=orjson.OPT_SORT_KEYS), keys.signing
        )


def read_manifest(raw: bytes, *, directory: Directory, at: datetime) -> Manifest:
    """Verify a manifest (目録の検証), signed by the provider that it names with a key that was good at this time.

    Raises:
        BadEnvelope: malformed, contradicts itself, or of another network.
        ForgedEnvelope: signed by another, or the key was not good.
        UnlistedNode, RevokedNode: the directory does not list the provider, or no longer.
    """
    signed = directory.open(raw, Manifest.PAYLOAD_TYPE)
    items = signed.items
    _check_network(items, directory, signed.content)
    provider = items.node("provider")
    directory.check_signer(signed.key_id, provider, at=at).check_not_revoked(at)
    manifest = Manifest(
        network=directory.network,
        asker=items.node("asker"),
        provider=provider,
        request=items.id("request"),
        part=items.count("part", most=MOST_PARTS - 1),
        rows=items.count("rows", least=1, most=MOST_PART_ROWS),
        size=items.count("size", least=1, most=MOST_PART_BYTES),
        chunks=items.digests("chunks"),
        articles=_texts(items, "articles"),
        items=_texts(items, "items"),
        results=read_counts(items.inner("results")),
        state=StateAt.from_items(items.inner("state")),
        time=items.time("time"),
        row=items.digest("row"),
    )
    if len(manifest.chunks) != count(manifest.size) or sum(manifest.results.values()) != manifest.rows:
        raise BadEnvelope("a manifest that contradicts itself")
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReply:
    """What is answered to ``bulk-part`` (回答の目録の送付): the manifest, and what opens the part and its row."""

    #: The signed document `Manifest`.
    manifest: bytes
    #: Under which the chunks of this part are sealed.
    key: bytes = field(repr=False)
    #: The journal's row: its payload, which names nobody, and its salt.
    payload: bytes
    salt: bytes
    #: The signed document `openjuki.wire.promise.Promises` about that row.
    promise: bytes

    def to_bytes(self) -> bytes:
        """Body of the answer."""
        head = {
            "key": to_base64(self.key),
            "payload": to_base64(self.payload),
            "promise": to_base64(self.promise),
            "salt": to_base64(self.salt),
        }
        return orjson.dumps(head) + b"\n" + self.manifest

    @classmethod
    def from_bytes(cls, raw: bytes) -> PartReply:
        """Read the body; nothing of it is verified yet.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        head, _, manifest = raw.partition(b"\n")
        items = Items(head)
        return cls(
            manifest=manifest,
            key=content_key(items, "key"),
            payload=items.raw("payload"),
            salt=items.raw("salt"),
            promise=items.raw("promise"),
        )


class ReceiptedPart(NamedTuple):
    """A part that has arrived (受領した分割)."""

    part: int
    #: SHA-256 of its signed manifest.
    manifest: bytes

    @classmethod
    def of(cls, part: int, manifest: bytes) -> ReceiptedPart:
        """The part of which this is the signed manifest."""
        return cls(part, sha256(manifest).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReceipt:
    """Receipt of parts of an answer in bulk (一括提供の受領の確認)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.bulk-receipt.v1+json"

    network: str
    asker: str
    provider: str
    #: When this was said.
    time: datetime
    request: str
    parts: tuple[ReceiptedPart, ...]

    def sign(self, keys: NodeKeys) -> bytes:
        """Sign with the asker's key (受領の署名): the body of ``bulk-receipt``, answered with `Progress`."""
        payload = {
            "asker": self.asker,
            "network": self.network,
            "parts": [[one.part, one.manifest.hex()] for one in self.parts],
            "provider": self.provider,
            "request": self.request,
            "time": leaf_time(self.time),
        }
        return sign_document(
            self.PAYLOAD_TYPE, orjson.dumps(payload, option=orjson.OPT_SORT_KEYS), keys.signing
        )


def read_bulk_receipt(raw: bytes, *, directory: Directory, at: datetime) -> BulkReceipt:
    """Verify a receipt (受領の検証), signed by the asker that it names with a key that was good at this time.

    Raises:
        BadEnvelope: malformed, or of another network.
        ForgedEnvelope: signed by another, or the key was not good.
        UnlistedNode, RevokedNode: the directory does not list the asker, or no longer.
    """
    signed = directory.open(raw, BulkReceipt.PAYLOAD_TYPE)
    items = signed.items
    _check_network(items, directory, signed.content)
    asker = items.node("asker")
    directory.check_signer(signed.key_id, asker, at=at).check_not_revoked(at)
    return BulkReceipt(
        network=directory.network,
        asker=asker,
        provider=items.node("provider"),
        time=items.time("time"),
        request=items.id("request"),
        parts=_receipted(items.take("parts", list)),
    )


def _receipted(found: list[object]) -> tuple[ReceiptedPart, ...]:
    named = [Items({"part": one[0], "manifest": one[1]}) for one in found if _is_pair(one)]
    parts = tuple(
        ReceiptedPart(items.count("part", most=MOST_PARTS - 1), items.digest("manifest")) for items in named
    )
    if not parts or len({one.part for one in parts}) < len(found):
        raise BadEnvelope("a receipt is about one or more different parts")
    return parts


def _is_pair(one: object) -> TypeGuard[list[object]]:
    return isinstance(one, list) and len(one) == 2  # noqa: PLR2004 - a part and a digest


def _texts(items: Items, name: str) -> tuple[str, ...]:
    try:
        return tuple(map(one_line, items.take(name, list)))
    except ValueError as error:
        raise BadEnvelope(f"missing or malformed: {name}") from error


def _check_network(items: Items, directory: Directory, content: bytes) -> None:
    if items.take("network", str) != directory.network or content:
        raise BadEnvelope("this is of another network, or has content beside its line")
