# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the law says to a request in bulk (一括提供の可否の判断): once for all of it, by the day on which it was accepted.

The same request, decided again after a restart, is decided the same: the moment of its acceptance is part of it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from openjuki.law.decision import Request, decide
from openjuki.nodes.statutes import statute_book
from openjuki.refusal import Refusal
from openjuki.store import journal
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.law.decision import Grant
    from openjuki.nodes.node import Office
    from openjuki.wire.bulk import BulkRequest

#: Kinds of the provider's rows about requests; what was told has rows of its own, part by part.
GRANTED: Final = "bulk.granted"
REFUSED: Final = "bulk.refused"
CANCELLED: Final = "bulk.cancelled"


def decided(office: Office, asker: str, request: BulkRequest, at: datetime) -> Grant | Refusal:
    """Whether this asker may be told, by the office's own book as it stood at that moment."""
    who, own = office.directory.node(asker), office.directory.node(office.id)
    asked = Request(
        recipient_kind=who.kind,
        recipient=who.id,
        prefecture=who.prefecture,
        office=request.office,
        holds=request.holds,
        operator=request.operator,
        terminal=request.terminal,
        affair=request.affair,
        reason=request.reason,
        keys=request.kind.keys,
        provider_kind=own.kind,
        provider=own.id,
        method=request.method,
        persons=request.rows,
    )
    return decide(asked, statute_book(office), at)


def decision_row(
    office: Office, asker: str, request: BulkRequest, decision: Grant | Refusal, at: datetime
) -> journal.Entry:
    """The row of the journal: who asked what in bulk and why, and what the law said (一括提供の求めの記録)."""
    refusal = decision if isinstance(decision, Refusal) else None
    said = {
        "affair": request.affair,
        "articles": () if isinstance(decision, Refusal) else decision.articles,
        "asker": asker,
        "holds": request.holds,
        "keys": sha256(b"".join(chunk for part in request.parts for chunk in part.chunks)).hexdigest(),
        "kind": request.kind,
        "method": request.method,
        "office": request.office,
        "operator": request.operator,
        "reason": request.reason,
        "request": request.id,
        "rows": request.rows,
        "rule": refusal and refusal.rule,
        "terminal": request.terminal,
        "time": leaf_time(at),
    }
    return _row(office, REFUSED if refusal else GRANTED, said, at)


def cancelled_row(office: Office, asker: str, request: str, answered: int, at: datetime) -> journal.Entry:
    """The row of the journal: it was called off, after so many parts had been recorded (一括提供の取りやめの記録)."""
    said = {"answered": answered, "asker": asker, "request": request, "time": leaf_time(at)}
    return _row(office, CANCELLED, said, at)


def _row(office: Office, kind: str, said: dict[str, object], at: datetime) -> journal.Entry:
    return journal.Entry(
        kind=kind,
        recorded_at=at,
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
