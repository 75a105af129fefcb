# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the law says to questions that are put to an office together (提供の可否の判断): equal ones are decided once.

A decision depends on who asks, for what, how and by which items, never on whom a question is about. So of a
thousand questions for one affair the statute book is asked about one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from openjuki.law.basis import Key
from openjuki.law.decision import Request, decide

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.law.book import Book
    from openjuki.law.decision import Grant
    from openjuki.nodes.node import Office
    from openjuki.refusal import Refusal
    from openjuki.wire.listing import Node
    from openjuki.wire.provision import Ask


class Bench:
    """Where an office decides questions by its own book (判断の席), at one moment."""

    def __init__(self, office: Office, book: Book, at: datetime) -> None:
        """Take the office that is asked, and the book by which it goes."""
        self._office, self._book, self._at = office, book, at
        self._decided: dict[tuple[Any, ...], Grant | Refusal] = {}

    def decide(
        self, asker: str, through: str | None, ask: Ask, keys: tuple[str, ...], verified: tuple[str, ...] = ()
    ) -> Grant | Refusal:
        """Whether somebody may be told who is looked for by these items, of whom these are to be verified."""
        about = (
            *(asker, through, ask.office, ask.affair, ask.holds, ask.method, ask.history),
            *(bool(ask.operator), bool(ask.terminal), bool(ask.reason.strip()), keys, verified),
        )
        decision = self._decided.get(about)
        if decision is None:
            request = self._request(asker, through, ask, keys, verified)
            decision = self._decided[about] = decide(request, self._book, self._at)
        return decision

    @cached_property
    def _own(self) -> Node:
        return self._office.directory.node(self._office.id)

    def _request(
        self, asker: str, through: str | None, ask: Ask, keys: tuple[str, ...], verified: tuple[str, ...]
    ) -> Request:
        who = self._office.directory.node(asker)
        return Request(
            recipient_kind=who.kind,
            recipient=who.id,
            prefecture=who.prefecture,
            office=ask.office,
            holds=ask.holds,
            operator=ask.operator,
            terminal=ask.terminal,
            affair=ask.affair,
            reason=ask.reason,
            keys=frozenset(map(Key, keys)),
            provider_kind=self._own.kind,
            provider=self._own.id,
            through=through,
            method=ask.method,
            verify=frozenset(verified),
            history=ask.history,
        )
