# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A request is decided (開示の決定, 法30条の32第2項): answered with everything that is held, or refused with a reason.

Rules of this file:

1. A person themself is told, also that nothing is held.
2. Of somebody else the home town is asked first. What it says is kept nowhere: where nobody is found and where the town
   says no, the same words are said and the same is recorded here. Who is not found has no town that could be asked.
3. The document, its hash in the journal and the request's end commit together, before anything is handed out.
4. What is decided is about the person as they were when the town was asked: of whom something came in meanwhile, who has
   moved, died, or is no longer whom the request means, it is asked again.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.errors import Refused
from openjuki.nodes.disclosure import protection, receiving, refusals
from openjuki.nodes.disclosure.telling import tell_all
from openjuki.nodes.node import Node
from openjuki.residents.look_up import LookUp
from openjuki.residents.persons import PersonState
from openjuki.store import disclosures

if TYPE_CHECKING:
    from openjuki.nodes.node import Office
    from openjuki.refusal import Refusal
    from openjuki.residents.look_up import Hit
    from openjuki.store.database import Connection
    from openjuki.store.disclosures import Request
    from openjuki.store.offices import Standing

#: Every reason for which a request is refused for good.
GROUNDS: Final = (refusals.NOT_THE_PERSON, refusals.NOT_TO_BE_TOLD)


async def decide(office: Office, by: Standing, request: str) -> Request:
    """Decide a request (開示又は不開示の決定); it holds the document, or the code of why there is none.

    Raises:
        Refused: the office does not disclose, there is no such request, or it was decided.
        PeerUnavailable: the home town does not answer; the request stays open.
    """
    decided = None
    while decided is None:
        decided = await _decided(office, by, request)
    return decided


async def reread(office: Office, connection: Connection, by: Standing, request: str) -> Request:
    """A request that was decided, to be handed out once more; that it was read is in the journal (再交付).

    Raises:
        Refused: the office does not disclose, there is no such request, or it is not decided yet.
    """
    one = await receiving.known(connection, by, request)
    if one.decided_at is None:
        raise Refused(refusals.NOT_DECIDED)
    await receiving.tell(office, connection, "disclosure.read", by, request, reason=one.reason)
    return one


async def erase_old(office: Office) -> bool:
    """Erase what was asked and answered so long ago that nobody comes back for it (保存期間の経過)."""
    at = office.clock()
    await office.read(lambda connection: disclosures.erase_old(connection, at))
    return False


def document(request: Request) -> dict[str, Any]:
    """What a request was answered with.

    Raises:
        Refused: it was erased.
    """
    if request.document is None:
        raise Refused(refusals.ERASED)
    said: dict[str, Any] = orjson.loads(request.document)
    return said


async def _decided(office: Office, by: Standing, request: str) -> Request | None:
    """The request, once it is decided; None: what is held of the person changed while the town was asked."""
    person, applicant = await office.read(lambda connection: _asked(connection, by, request))
    ground = await _ground(office, person, applicant)

    async def work(connection: Connection) -> Request | None:
        open_ = await receiving.opened(connection, by, request)
        if await _person(connection, open_) != person:
            return None
        if ground is None:
            await _answer(office, connection, by, open_, person)
        else:
            await _refuse(office, connection, by, open_, ground)
        return await receiving.known(connection, by, request)

    return await office.transact(work)


async def _asked(connection: Connection, by: Standing, request: str) -> tuple[Hit | None, str]:
    open_ = await receiving.opened(connection, by, request)
    return await _person(connection, open_), open_.applicant


async def _person(connection: Connection, request: Request) -> Hit | None:
    return await receiving.found(connection, LookUp.from_dict(request.question or {}))


async def _ground(office: Office, person: Hit | None, applicant: str) -> Refusal | None:
    """Why nothing is told; None: it is told."""
    if applicant == receiving.SELF:
        dead = person is not None and person.state == PersonState.DIED
        return refusals.NOT_THE_PERSON if dead else None
    assert isinstance(office, Node)  # whoever decides about others has a line
    may = person is not None and await protection.may_be_told(office, person, applicant)
    return None if may else refusals.NOT_TO_BE_TOLD


async def _answer(
    office: Office, connection: Connection, by: Standing, request: Request, person: Hit | None
) -> None:
    at = office.clock()
    told = orjson.dumps(await tell_all(office, connection, request, person, at))
    digest = sha256(told).digest()
    await disclosures.answer(connection, request.id, told, digest, at)
    await receiving.tell(
        office,
        connection,
        "disclosure.answered",
        by,
        request.id,
        document=digest.hex(),
        reason=request.reason,
    )


async def _refuse(
    office: Office, connection: Connection, by: Standing, request: Request, ground: Refusal
) -> None:
    await disclosures.refuse(connection, request.id, ground.code, office.clock())
    await receiving.tell(
        office, connection, "disclosure.refused", by, request.id, reason=request.reason, rule=ground.rule
    )
