# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes between an agency with a clientele and who tells it of changes (対象者の異動の提供). Pure.

Rules of this file, specified in ``docs/spec/clientele.md``:

1. The list is the agency's. A turn shows its keys to the provider, chunk by chunk, and the provider keeps none.
2. A turn is about what happened between two sizes of the provider's journal: it tells of everybody on the list each
   change in that time, once, in the order in which it was recorded, and the cursor for the next turn.
3. The answer is pages of JSON lines. The provider's row commits to their digest, and is promised.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.errors import BadEnvelope
from openjuki.refusal import CODE, Refusal
from openjuki.wire.bulk import KeyKind
from openjuki.wire.document import Items, from_base64, to_base64
from openjuki.wire.key_list import MOST_OF_A_CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: The messages.
CLIENTELE: Final = "clientele"
CLIENTELE_KEYS: Final = "clientele-keys"
CLIENTELE_CHANGES: Final = "clientele-changes"
CLIENTELE_RECEIPT: Final = "clientele-receipt"
#: Kinds of the provider's rows: what was told, and that it arrived.
TOLD: Final = "clientele.told"
RECEIPTED: Final = "clientele.receipted"
#: Most keys of a list.
MOST_KEYS: Final = 40_000_000
#: Changes of a page, and of a turn, which looks at 262,144 notices: of each one about who they are now, and who they were.
PAGE: Final = 4_000
MOST_CHANGES: Final = 2 * 262_144


class Meaning(StrEnum):
    """What a change means to somebody who knows the person (異動の意味)."""

    #: 死亡.
    DIED = "died"
    #: 転居: within the municipality.
    MOVED_WITHIN = "moved_within"
    #: 転入: entered in another municipality.
    MOVED_TO_OTHER = "moved_to_other"
    #: 国外転出.
    MOVED_ABROAD = "moved_abroad"
    #: 転出の届出: about to move, not yet entered elsewhere.
    MOVING_OUT = "moving_out"
    #: 国外からの転入.
    MOVED_IN_FROM_ABROAD = "moved_in_from_abroad"
    #: 氏名等の変更: name, furigana, former surname or alias.
    NAME_CHANGED = "name_changed"
    #: 住民票の記載: recorded for the first time, or again.
    ENTERED = "entered"
    #: 職権消除等.
    REMOVED = "removed"
    #: 個人番号の変更, to who may be told it.
    NUMBER_CHANGED = "number_changed"
    #: 照会条件の変更済み: the code or number on the list was replaced; by which is not told.
    KEY_SUPERSEDED = "key_superseded"
    #: 記録の修正.
    RECORD_CORRECTED = "record_corrected"


class State(StrEnum):
    """How far a turn is (異動の照会の状態)."""

    #: No cursor was shown: from now on changes are told.
    BEGUN = "begun"
    #: Nothing has happened since the cursor, to anybody at all; no key was pulled.
    NOTHING = "nothing"
    #: Keys are being pulled.
    WORKING = "working"
    #: Recorded; the pages can be pulled.
    READY = "ready"
    REFUSED = "refused"
    FAILED = "failed"
    #: Whoever is asked does not know this turn (any more): it is asked again.
    UNKNOWN = "unknown"


class Cursor(NamedTuple):
    """How far a clientele has been told (提供済みの位置): a size of the provider's journal, and which journal."""

    journal: int
    size: int

    def to_dict(self) -> dict[str, int]:
        """JSON form."""
        return self._asdict()

    @classmethod
    def from_items(cls, items: Items) -> Cursor:
        """Read the JSON form.

        Raises:
            BadEnvelope: malformed.
        """
        return cls(items.count("journal", least=1), items.count("size"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClienteleAsk:
    """Body of ``clientele`` (対象者の異動の照会): who asks about whom since when, and what will be pulled."""

    #: 32 hexadecimal digits, drawn by the asker for this turn.
    id: str
    affair: str
    #: Who asks within the asking node, and why.
    office: str
    operator: str
    terminal: str
    reason: str
    #: The asking node's word that the office holds the affair.
    holds: bool
    #: By what the list names persons: code or number.
    kind: KeyKind
    #: None: nothing was told yet.
    cursor: Cursor | None
    #: How many are on the list.
    keys: int
    #: SHA-256 of each chunk (`openjuki.wire.key_list`).
    chunks: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """Body of the message."""
        return orjson.dumps(
            {
                "affair": self.affair,
                "chunks": [one.hex() for one in self.chunks],
                "cursor": self.cursor and self.cursor.to_dict(),
                "holds": self.holds,
                "id": self.id,
                "keys": self.keys,
                "kind": self.kind,
                "office": self.office,
                "operator": self.operator,
                "reason": self.reason,
                "terminal": self.terminal,
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> ClienteleAsk:
        """Read the body.

        Raises:
            BadEnvelope: incomplete or malformed, or the list is empty, or longer than a list may be.
        """
        items = Items(raw)
        kind = items.take("kind", str)
        if kind not in {KeyKind.RESIDENT_CODE, KeyKind.INDIVIDUAL_NUMBER}:
            raise BadEnvelope("missing or malformed: kind")
        ask = cls(
            id=items.id(),
            affair=items.take("affair", str),
            office=items.take("office", str),
            operator=items.take("operator", str),
            terminal=items.take("terminal", str),
            reason=items.take("reason", str),
            holds=items.take("holds", bool),
            kind=KeyKind(kind),
            cursor=items.maybe("cursor", lambda name: Cursor.from_items(items.inner(name))),
            keys=items.count("keys", least=1, most=MOST_KEYS),
            chunks=items.digests("chunks"),
        )
        if len(ask.chunks) != -(-ask.keys // MOST_OF_A_CHUNK):
            raise BadEnvelope("missing or malformed: chunks")
        return ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is answered to ``clientele`` and ``clientele-changes`` (異動の提供の状況)."""

    state: State
    #: The cursor of the next turn, once this one is over.
    cursor: Cursor | None = None
    #: Whether more has happened than one turn tells: the next one can be asked at once.
    more: bool = False
    #: How many changes are told, and on how many pages.
    changes: int = 0
    pages: int = 0
    #: The provider's row `TOLD`, its salt, and the signed promise about it; none where nothing was told.
    payload: bytes = b""
    salt: bytes = b""
    promise: bytes = b""
    refusal: Refusal | None = None
    #: The error for which it failed.
    code: str | None = None

    def to_bytes(self, page: bytes = b"") -> bytes:
        """Body of the answer: a line about the turn, and the page that was asked for."""
        head = {
            "changes": self.changes,
            "code": self.code,
            "cursor": self.cursor and self.cursor.to_dict(),
            "more": self.more,
            "pages": self.pages,
            "payload": to_base64(self.payload),
            "promise": to_base64(self.promise),
            "refusal": self.refusal and self.refusal.to_dict(),
            "salt": to_base64(self.salt),
            "state": self.state,
        }
        return orjson.dumps(head) + b"\n" + page

    @classmethod
    def from_bytes(cls, raw: bytes) -> tuple[Turn, bytes]:
        """Read the body: the turn, and the page beside it.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        head, _, page = raw.partition(b"\n")
        items = Items(head)
        state = items.take("state", str)
        if state not in State:
            raise BadEnvelope("missing or malformed: state")
        turn = cls(
            state=State(state),
            cursor=items.maybe("cursor", lambda name: Cursor.from_items(items.inner(name))),
            more=items.take("more", bool),
            changes=items.count("changes", most=MOST_CHANGES),
            pages=items.count("pages", most=MOST_CHANGES),
            payload=from_base64(items.take("payload", str)),
            salt=from_base64(items.take("salt", str)),
            promise=from_base64(items.take("promise", str)),
            refusal=items.maybe("refusal", lambda name: _refusal(items.take(name, dict))),
            code=items.maybe("code", lambda name: items.text(name, CODE)),
        )
        if turn.pages != -(-turn.changes // PAGE):
            raise BadEnvelope("other pages than the changes fill")
        return turn, page


class Told(NamedTuple):
    """A change as it is told (異動の提供)."""

    #: As it stands on the list: a code or a number.
    key: str
    meaning: Meaning
    #: Which of the granted items are not what they were before.
    changed: tuple[str, ...]
    #: The granted items as they are after the change; nothing where the key was superseded.
    items: Mapping[str, Any]
    #: Under which article.
    article: str

    def to_bytes(self) -> bytes:
        """One line of a page."""
        return orjson.dumps(self._asdict(), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, line: bytes) -> Told:
        """Read a line.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        items = Items(line)
        meaning, changed = items.take("meaning", str), items.take("changed", list)
        key = items.take("key", str)
        if meaning not in Meaning or not key.isdecimal() or not all(type(one) is str for one in changed):
            raise BadEnvelope("missing or malformed: key, meaning, changed")
        told = items.take("items", dict)
        if not all(map(_is_item, told.values())):
            raise BadEnvelope("missing or malformed: items")
        return cls(key, Meaning(meaning), tuple(changed), told, items.take("article", str))


def pages(lines: Iterable[bytes]) -> list[bytes]:
    """The pages of an answer."""
    every = list(lines)
    return [b"\n".join(every[start : start + PAGE]) for start in range(0, len(every), PAGE)]


def read_page(page: bytes) -> list[Told]:
    """Read a page.

    Raises:
        BadEnvelope: malformed.
    """
    return [Told.from_bytes(line) for line in page.split(b"\n")]


class Wanted(NamedTuple):
    """Which chunk of the keys, or which page of the answer, of which turn (取り寄せ); without one, how far it is."""

    request: str
    place: int | None = None

    def to_bytes(self) -> bytes:
        """Body of ``clientele-keys`` and ``clientele-changes``."""
        return orjson.dumps({"place": self.place, "request": self.request})

    @classmethod
    def from_bytes(cls, raw: bytes) -> Wanted:
        """Read the body.

        Raises:
            BadEnvelope: malformed.
        """
        items = Items(raw)
        return cls(items.id("request"), items.maybe("place", items.count))


def write_receipt(request: str, row: bytes) -> bytes:
    """Body of ``clientele-receipt``: the turn, and what its row commits to."""
    return orjson.dumps({"request": request, "row": row.hex()})


def read_receipt(raw: bytes) -> tuple[str, bytes]:
    """Read what `write_receipt` wrote.

    Raises:
        BadEnvelope: malformed.
    """
    items = Items(raw)
    return items.id("request"), items.digest("row")


def _is_item(value: Any) -> bool:
    """Whether an item is a text or the like, or a recorded date: whoever shows it again writes it as it is."""
    if isinstance(value, dict):
        return all(isinstance(one, str) for one in value.values())
    return not isinstance(value, list)


def _refusal(found: Mapping[str, Any]) -> Refusal:
    try:
        return Refusal.from_dict(found)
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope("missing or malformed: refusal") from error
