# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes between who asks in bulk and who provides (一括提供の電文). Pure.

Rules of this file, specified in ``docs/spec/bulk.md``:

1. A request says everything that is decided, and the digests of everything that is pulled for it.
2. Nothing is pushed: the provider pulls keys, the asker pulls answers, part by part and chunk by chunk
   (`openjuki.wire.chunks`).
3. Answer part n has as many rows as key part n, in their order, whatever became of them.
4. Only requests, manifests and receipts are signed; a chunk is known by its digest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.errors import BadEnvelope
from openjuki.law.basis import Key, Method
from openjuki.refusal import CODE, Refusal
from openjuki.residents.look_up.result import Result
from openjuki.wire.chunks import count
from openjuki.wire.document import Items, from_base64, to_base64
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

#: The messages.
BULK: Final = "bulk"
BULK_STATE: Final = "bulk-state"
BULK_CANCEL: Final = "bulk-cancel"
BULK_KEYS: Final = "bulk-keys"
BULK_PART: Final = "bulk-part"
BULK_CHUNK: Final = "bulk-chunk"
BULK_RECEIPT: Final = "bulk-receipt"
#: Most rows of a part, and of a request.
MOST_PART_ROWS: Final = 1_048_576
MOST_ROWS: Final = 40_000_000
MOST_PARTS: Final = 64
#: Most bytes of a part before it is cut into chunks.
MOST_PART_BYTES: Final = 512 * 1_048_576
#: Bytes of the key under which chunks are sealed.
KEY_SIZE: Final = 32
#: The byte that stands for a result in the column ``result`` of an answer part; later ones are added, none is changed.
RESULT_BYTES: Final[Mapping[Result, int]] = MappingProxyType(
    {
        Result.MATCHED: 1,
        Result.MISMATCH: 2,
        Result.SEVERAL: 3,
        Result.TOO_MANY: 4,
        Result.NONE: 5,
        Result.MOVED_OUT: 6,
        Result.DIED: 7,
        Result.LEFT_THE_COUNTRY: 8,
        Result.REMOVED: 9,
        Result.SUPERSEDED: 10,
        Result.NOT_PERMITTED: 11,
        Result.MALFORMED: 12,
    }
)
RESULTS: Final[Mapping[int, Result]] = MappingProxyType({byte: one for one, byte in RESULT_BYTES.items()})
#: In the column ``article``: under none, for nothing was told.
NO_ARTICLE: Final = 255


class KeyKind(StrEnum):
    """By what everybody in a file is looked for (一括提供の照会条件)."""

    RESIDENT_CODE = "resident_code"
    INDIVIDUAL_NUMBER = "individual_number"
    #: 4情報: name, birth date, sex and address.
    FOUR_ITEMS = "four_items"

    @property
    def keys(self) -> frozenset[Key]:
        """As the law names them."""
        return _KEYS[self]


_KEYS: Final = {
    KeyKind.RESIDENT_CODE: frozenset((Key.RESIDENT_CODE,)),
    KeyKind.INDIVIDUAL_NUMBER: frozenset((Key.INDIVIDUAL_NUMBER,)),
    KeyKind.FOUR_ITEMS: frozenset((Key.NAME, Key.BIRTH_DATE, Key.SEX, Key.ADDRESS)),
}


class KeyPart(NamedTuple):
    """A part of the keys, as it is pulled (照会条件の分割)."""

    rows: int
    #: Bytes before it is cut and sealed.
    size: int
    #: SHA-256 of each sealed chunk.
    chunks: tuple[bytes, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"chunks": [one.hex() for one in self.chunks], "rows": self.rows, "size": self.size}


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRequest:
    """Request for provision in bulk (一括提供の求め): one affair, one purpose, one kind of key."""

    #: 32 hexadecimal digits, drawn by the asker; the same request sent again is the same request.
    id: str
    affair: str
    #: Who asks within the asking node, and why.
    office: str
    operator: str
    terminal: str
    reason: str
    #: A bulk method (提供の方法).
    method: Method
    #: The asking node's word that the office holds the affair.
    holds: bool
    kind: KeyKind
    parts: tuple[KeyPart, ...]
    #: Under which the key chunks are sealed.
    key: bytes = field(repr=False)

    @property
    def rows(self) -> int:
        """How many keys there are."""
        return sum(part.rows for part in self.parts)

    def to_bytes(self) -> bytes:
        """Body of ``bulk``; the same request gives the same bytes."""
        return orjson.dumps(
            {
                "affair": self.affair,
                "holds": self.holds,
                "id": self.id,
                "key": to_base64(self.key),
                "kind": self.kind,
                "method": self.method,
                "office": self.office,
                "operator": self.operator,
                "parts": [part.to_dict() for part in self.parts],
                "reason": self.reason,
                "terminal": self.terminal,
            },
            option=orjson.OPT_SORT_KEYS,
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> BulkRequest:
        """Read the body.

        Raises:
            BadEnvelope: incomplete or malformed, without a key, or longer than a request may be.
        """
        items = Items(raw)
        request = cls(
            id=items.id(),
            affair=items.take("affair", str),
            office=items.take("office", str),
            operator=items.take("operator", str),
            terminal=items.take("terminal", str),
            reason=items.take("reason", str),
            method=_one_of(Method, items, "method"),
            holds=items.take("holds", bool),
            kind=_one_of(KeyKind, items, "kind"),
            parts=tuple(map(_key_part, items.list("parts"))),
            key=content_key(items, "key"),
        )
        _check_parts(request)
        return request


class Standing(StrEnum):
    """How far a request is (一括提供の状態)."""

    #: Accepted; its turn has not come, or it cannot be gone on with just now.
    WAITING = "waiting"
    RUNNING = "running"
    #: Every part is recorded and can be pulled.
    DONE = "done"
    #: A rule said no; nothing was looked up.
    REFUSED = "refused"
    #: The asker called it off; what was recorded before stays recorded.
    CANCELLED = "cancelled"
    #: It cannot be answered as it was sent.
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will come."""
        return self not in {Standing.WAITING, Standing.RUNNING}


class StateAt(NamedTuple):
    """The state of the register by which something was answered (基準時点)."""

    #: Size and root of the provider's journal.
    size: int
    root: bytes
    at: datetime

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"at": leaf_time(self.at), "root": self.root.hex(), "size": self.size}

    @classmethod
    def from_items(cls, items: Items) -> StateAt:
        """Read the JSON form.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        return cls(items.count("size"), items.digest("root"), items.time("at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a request is (一括提供の進行状況): the answer to ``bulk``, ``bulk-state`` and ``bulk-cancel``."""

    request: str
    standing: Standing
    #: Parts that there are, that are recorded and can be pulled (always the first ones), and that are receipted.
    parts: int
    answered: int
    receipted: int
    #: Rows of the parts that are recorded, by result.
    results: Mapping[Result, int]
    #: Whether this request was known before (``bulk`` only).
    known: bool = False
    #: Why not, where a rule said no.
    refusal: Refusal | None = None
    #: The error for which it waits or has failed.
    code: str | None = None

    def to_bytes(self) -> bytes:
        """Body of the answer."""
        return orjson.dumps(
            {
                "answered": self.answered,
                "code": self.code,
                "known": self.known,
                "parts": self.parts,
                "receipted": self.receipted,
                "refusal": self.refusal and self.refusal.to_dict(),
                "request": self.request,
                "results": write_counts(self.results),
                "standing": self.standing,
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Progress:
        """Read the body.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        items = Items(raw)
        parts = items.count("parts", least=1, most=MOST_PARTS)
        answered = items.count("answered", most=parts)
        return cls(
            request=items.id("request"),
            standing=_one_of(Standing, items, "standing"),
            parts=parts,
            answered=answered,
            receipted=items.count("receipted", most=answered),
            results=read_counts(items.inner("results")),
            known=items.take("known", bool),
            refusal=items.maybe("refusal", lambda name: _refusal(items.take(name, dict))),
            code=items.maybe("code", lambda name: items.text(name, CODE)),
        )


class Pulling(NamedTuple):
    """Which chunk of which part is pulled (取り寄せ); without a chunk, the manifest of the part. All count from 0."""

    request: str
    part: int
    chunk: int | None = None

    def to_bytes(self) -> bytes:
        """Body of ``bulk-part``, and the whole of ``bulk-keys`` and ``bulk-chunk``."""
        return orjson.dumps({"chunk": self.chunk, "part": self.part, "request": self.request})

    @classmethod
    def from_bytes(cls, raw: bytes) -> Pulling:
        """Read the body.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        items = Items(raw)
        return cls(
            request=items.id("request"),
            part=items.count("part", most=MOST_PARTS),
            chunk=items.maybe("chunk", lambda name: items.count(name, most=MOST_PART_BYTES)),
        )


def write_named(request: str) -> bytes:
    """Body of ``bulk-state`` and ``bulk-cancel``: which request is meant."""
    return orjson.dumps({"request": request})


def read_named(raw: bytes) -> str:
    """Read what `write_named` wrote.

    Raises:
        BadEnvelope: malformed.
    """
    return Items(raw).id("request")


def write_counts(results: Mapping[Result, int]) -> dict[str, int]:
    """JSON form of how many rows there are of each result."""
    return {result.value: count for result, count in results.items()}


def read_counts(items: Items) -> dict[Result, int]:
    """How many rows there are of each result.

    Raises:
        BadEnvelope: malformed, or a result is unknown.
    """
    if not set(items) <= set(RESULT_BYTES):
        raise BadEnvelope("missing or malformed: results")
    return {Result(one): items.count(one, most=MOST_ROWS) for one in items}


def content_key(items: Items, name: str) -> bytes:
    """A key under which chunks are sealed.

    Raises:
        BadEnvelope: missing or malformed.
    """
    key = from_base64(items.take(name, str))
    if len(key) != KEY_SIZE:
        raise BadEnvelope(f"missing or malformed: {name}")
    return key


def _one_of[E: StrEnum](kind: Callable[[str], E], items: Items, name: str) -> E:
    try:
        return kind(items.take(name, str))
    except ValueError as error:
        raise BadEnvelope(f"missing or malformed: {name}") from error


def _key_part(items: Items) -> KeyPart:
    return KeyPart(
        rows=items.count("rows", least=1, most=MOST_PART_ROWS),
        size=items.count("size", least=1, most=MOST_PART_BYTES),
        chunks=items.digests("chunks"),
    )


def _check_parts(request: BulkRequest) -> None:
    if not 1 <= len(request.parts) <= MOST_PARTS or request.rows > MOST_ROWS:
        raise BadEnvelope(f"a request has a key, and at most {MOST_ROWS:,} in {MOST_PARTS} parts")
    if any(len(part.chunks) != count(part.size) for part in request.parts):
        raise BadEnvelope("missing or malformed: chunks")


def _refusal(found: Mapping[str, Any]) -> Refusal:
    try:
        return Refusal.from_dict(found)
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope("missing or malformed: refusal") from error
