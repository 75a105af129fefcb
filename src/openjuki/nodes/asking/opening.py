# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which roads the own book opens to a question (照会の経路の判断): equal questions of a batch are one decision. Pure.

A decision depends on which office asks for what, how, and by which items; never on whom a question is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.config import CENTRE, Kind
from openjuki.law.basis import Key
from openjuki.law.decision import Request, roads
from openjuki.nodes.asking.merging import steps
from openjuki.nodes.roads import gone
from openjuki.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from openjuki.law.book import Book
    from openjuki.nodes.asking.asked import Asked
    from openjuki.nodes.asking.merging import Steps
    from openjuki.store.offices import Standing
    from openjuki.wire.directory import Node


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
        found = gone(decision, request.recipient)
        if isinstance(found, Refusal):
            return found
        granted = frozenset(item for road in found for basis in road.grant.bases for item in basis.items)
        return Opened(steps(found, unique=True), steps(found, unique=False), granted)
