# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which roads the own book opens to a question (照会の経路の判断): equal questions of a batch are one decision. Pure.

A decision depends on which office asks for what, how, and by which items; never on whom a question is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.config import CENTRE, Kind
from openjuki.law import refusals
from openjuki.law.basis import Area, Key
from openjuki.law.decision import Request, roads
from openjuki.nodes.asking.merging import steps
from openjuki.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from openjuki.law.book import Book
    from openjuki.law.decision import Road
    from openjuki.nodes.asking.asked import Asked
    from openjuki.nodes.asking.merging import Steps
    from openjuki.store.offices import Standing
    from openjuki.wire.directory import Node

IN_THE_OWN_BOOK: Final = Refusal(
    code="JK-ASKING-0002",
    rule="asked-of-others",
    article="法5条",
    message_ja="この事務の情報は、自らの台帳にあります。自らの台帳に照会してください。",
    message_en="What the affair needs stands in the own book; nobody else is asked.",
)


class Opened(NamedTuple):
    """What the book opens to a question by some items (開かれた経路)."""

    #: For somebody with a code or number.
    nearest: Steps
    #: For whoever bears a name.
    every: Steps
    #: Items that it grants on any of them.
    granted: frozenset[str]


class Opening:
    """What the book opens to requests that come together (経路の判断の席), at one moment."""

    def __init__(self, book: Book, node: Node, at: datetime) -> None:
        """Take the statute book, and the node that asks as the directory lists it."""
        self._book, self._node, self._at = book, node, at
        self._opened: dict[tuple[object, ...], Opened | Refusal] = {}

    def opened(
        self,
        asked: Asked,
        standing: Standing,
        quota: int | None,
        items: Sequence[str],
        verify: Sequence[str] = (),
    ) -> Opened | Refusal:
        """The roads for a question by these items, of whom these are to be verified."""
        fits = quota is None or len(asked.questions) <= quota
        about = (
            *(standing.office, standing.holds(asked.affair), asked.affair, fits),
            *(bool(standing.operator and standing.terminal), bool(asked.reason.strip())),
            *(asked.method, asked.history, tuple(items), tuple(verify)),
        )
        found = self._opened.get(about)
        if found is None:
            request = self._request(asked, standing, quota, items, verify)
            found = self._opened[about] = self._decided(request)
        return found

    def _request(
        self,
        asked: Asked,
        standing: Standing,
        quota: int | None,
        items: Sequence[str],
        verify: Sequence[str],
    ) -> Request:
        return Request(
            recipient_kind=self._node.kind,
            recipient=self._node.id,
            prefecture=self._node.prefecture,
            office=standing.office,
            holds=standing.holds(asked.affair),
            operator=standing.operator,
            terminal=standing.terminal,
            affair=asked.affair,
            reason=asked.reason,
            keys=frozenset(map(Key, items)),
            provider_kind=Kind.CENTRE,
            provider=CENTRE,
            method=asked.method,
            verify=frozenset(verify),
            history=asked.history,
            persons=len(asked.questions),
            quota=quota,
        )

    def _decided(self, request: Request) -> Opened | Refusal:
        decision = roads(request, self._book, self._at)
        if isinstance(decision, Refusal):
            return decision
        found = [road for road in decision if _is_gone(road)]
        if not found:
            own = any(road.provider == request.recipient for road in decision)
            return IN_THE_OWN_BOOK if own else refusals.PROVIDER_NOT_COMPETENT
        granted = frozenset(item for road in found for basis in road.grant.bases for item in basis.items)
        return Opened(steps(found, unique=True), steps(found, unique=False), granted)


def _is_gone(road: Road) -> bool:
    """Whether the network has the road: to the Centre, or to the own governor; a town's own book is asked at its desk."""
    elsewhere = any(basis.area is Area.PROVIDER for basis in road.grant.bases)
    return road.provider_kind is not Kind.MUNICIPALITY and not elsewhere
