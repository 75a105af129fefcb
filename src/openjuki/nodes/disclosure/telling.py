# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is disclosed (開示する事項): everything that is held about a person, and who was told, as one JSON document.

The document is what is signed for, kept and hashed; the page that people are handed is drawn from it and says no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openjuki.config import JST
from openjuki.nodes.disclosure.lines import lines_about
from openjuki.nodes.disclosure.receiving import OWN, PROVISIONS
from openjuki.nodes.statutes import statute_book
from openjuki.store import disclosures, looking
from openjuki.store.verification.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from openjuki.nodes.disclosure.lines import Line
    from openjuki.nodes.node import Office
    from openjuki.residents.look_up import Hit
    from openjuki.store.database import Connection
    from openjuki.store.disclosures import Request

#: Identification information (本人確認情報, 法30条の6第1項), in the order in which it is told.
ITEMS: Final = (
    *("name", "furigana", "former_surname", "former_surname_furigana", "alias", "birth_date", "sex"),
    *("municipality", "address", "resident_code", "individual_number", "state", "reason", "date_of_change"),
)
#: Of what was recorded before; how the person stands is said once.
_BEFORE: Final = tuple(item for item in ITEMS if item != "state")


async def tell_all(
    office: Office, connection: Connection, request: Request, hit: Hit | None, at: datetime
) -> dict[str, Any]:
    """Everything that a request is answered with, as JSON.

    Args:
        office: who discloses.
        connection: to its book.
        request: what is asked for.
        hit: whom it is about; None: nobody.
        at: when it is answered.
    """
    about = {
        "id": request.id,
        "reason": request.reason,
        "received_on": request.received_on.isoformat(),
        "applicant": request.applicant,
        "wants": request.wants,
    }
    return {
        "schema": "openjuki/disclosure/1",
        "node": {"id": office.id, "name": office.directory.node(office.id).name},
        "request": about,
        "answered_at": at.astimezone(JST).isoformat(timespec="seconds"),
        "own": await _own(connection, hit, at) if OWN in request.wants else None,
        "provisions": (
            await _provisions(office, connection, hit, at) if PROVISIONS in request.wants else None
        ),
    }


async def _own(connection: Connection, hit: Hit | None, at: datetime) -> dict[str, Any]:
    """What is held about oneself (自己に係る本人確認情報), also that nothing is."""
    article = "法30条の32"
    if hit is None:
        return {"article": article, "held": False, "codes": [], "current": None, "before": []}
    person, on = int(hit.holder), at.astimezone(JST).date()
    histories = await looking.histories(connection, [person])
    codes = await disclosures.codes(connection, person)
    return {
        "article": article,
        "held": True,
        "codes": [
            {
                "resident_code": one.resident_code,
                "since": one.since.astimezone(JST).isoformat(timespec="seconds"),
                "until": one.until and one.until.astimezone(JST).isoformat(timespec="seconds"),
            }
            for one in codes
        ],
        "current": hit.shown(ITEMS, on),
        "before": [past.shown(_BEFORE, on) for past in histories[person]],
    }


async def _provisions(
    office: Office, connection: Connection, hit: Hit | None, at: datetime
) -> dict[str, Any]:
    """Who was told (提供の記録); of nobody there are no lines, as there are of somebody of whom nobody was told."""
    withheld = office.settings.disclosure_withheld
    lines = [] if hit is None else await lines_about(office, connection, int(hit.holder), withheld=withheld)
    trust = Trust.of(office.directory, office.id)
    return {
        "basis": office.settings.disclosure_basis,
        "origin": trust.origin,
        "keys": [key.to_text() for key in (*trust.log, *trust.witnesses)],
        "recipients": _names(office, lines),
        "affairs": _titles(office, lines, at),
        "lines": [line.to_dict() for line in lines],
    }


def _names(office: Office, lines: Sequence[Line]) -> dict[str, str]:
    """What the nodes of these lines are called."""
    named = {line.asker for line in lines} | {line.through for line in lines if line.through}
    nodes = office.directory.nodes
    return {node: nodes[node].name if node in nodes else node for node in sorted(named)}


def _titles(office: Office, lines: Iterable[Line], at: datetime) -> dict[str, dict[str, str]]:
    """What the affairs of these lines are called, today or else on the day of a line."""
    book, titles = statute_book(office), {}
    for line in lines:
        for moment in (at, line.at):
            affair = book.at(moment.astimezone(JST).date()).affairs.get(line.affair)
            if affair is not None:
                titles[line.affair] = {"ja": affair.title_ja, "en": affair.title_en}
                break
    return dict(sorted(titles.items()))
