# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an applicant is told in writing that is no disclosure (通知書): refused, later, or what was found of a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.config import JST
from openjuki.documents.disclosure import OUTCOMES, Notice, day
from openjuki.documents.words import Said
from openjuki.nodes.disclosure.deciding import GROUNDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.nodes.node import Office
    from openjuki.refusal import Refusal
    from openjuki.store.disclosures import Correction, Request

_GROUNDS: Final[Mapping[str, Refusal]] = {ground.code: ground for ground in GROUNDS}


def ground(request: Request) -> Refusal | None:
    """Why a request was refused; None where it was not."""
    return None if request.refusal is None else _GROUNDS[request.refusal]


def refused(office: Office, request: Request, at: datetime) -> Notice:
    """That a request was refused, and why (不開示の通知)."""
    why = _GROUNDS[request.refusal or ""]
    return Notice(
        title=Said("開示しないことの通知", "Your request is refused"),
        node=_name(office),
        reason=request.reason,
        day=(request.decided_at or at).astimezone(JST).date(),
        said=Said(why.message_ja, why.message_en),
        article=why.article or "",
    )


def extended(office: Office, request: Request, at: datetime) -> Notice:
    """That it takes longer, until when and why (期限の延長の通知, 法30条の33第2項)."""
    return Notice(
        title=Said("開示の期限を延長することの通知", "Your request takes longer"),
        node=_name(office),
        reason=request.reason,
        day=at.astimezone(JST).date(),
        said=Said("次の理由により、期間内に開示することができません。", "It cannot be answered in time."),
        article="法30条の33第2項",
        facts=(
            (Said("理由", "Why"), request.extended_for or ""),
            (Said("もとの期限", "It was due"), day(request.due_on.isoformat())),
            (Said("新しい期限", "It is due"), day(request.last_day.isoformat())),
        ),
    )


def examined(office: Office, request: Request, correction: Correction, at: datetime) -> Notice:
    """What was found of a claim (調査の結果の通知, 法30条の35)."""
    return Notice(
        title=Said("訂正等の申出についての調査結果", "What was found of your claim"),
        node=_name(office),
        reason=request.reason,
        day=(correction.found_at or at).astimezone(JST).date(),
        said=OUTCOMES[correction.outcome or "unchanged"],
        article="法30条の35",
        facts=(
            (Said("申し出られたこと", "Your claim"), correction.claim or "―"),
            (Said("調査の結果", "What was found"), correction.finding or "―"),
        ),
    )


def _name(office: Office) -> str:
    return office.directory.node(office.id).name
