# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which of the roads that the law opens the network has (照会の経路), for single questions and for files. Pure.

The book has bases under which somebody else's governor or mayor lets others be told by ordinance (法30条の13第2項・
第3項, 法30条の14); the table of messages leads to the Centre and to the own governor, and nowhere else. A medium needs no
line, and a governor takes it in: so 法30条の13第2項 is open to a file on one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.config import Kind
from openjuki.law import refusals
from openjuki.law.basis import Area, Method
from openjuki.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openjuki.law.decision import Road

IN_THE_OWN_BOOK: Final = Refusal(
    code="JK-ASKING-0002",
    rule="asked-of-others",
    article="法5条",
    message_ja="この事務の情報は、自らの台帳にあります。自らの台帳に照会してください。",
    message_en="What the affair needs stands in the own book; nobody else is asked.",
)
NO_ROAD: Final = Refusal(
    code="JK-ASKING-0005",
    rule="road-in-the-network",
    article="法30条の13第2項・第3項、法30条の14",
    message_ja="他の都道府県や市町村の条例による提供には、このネットワークの経路がありません。"
    "法30条の13第2項による事務は、媒体による一括照会ができます。",
    message_en="The network has no road to a government that lets others be told by its ordinance; under Art. 30-13(2) "
    "a file can go on a medium.",
)


def gone(found: Sequence[Road], asker: str) -> tuple[Road, ...] | Refusal:
    """The roads of single questions: to the Centre, to the own governor, or within the governor's house."""
    return tuple(filter(_leads_somewhere, found)) or _nowhere(found, asker)


def gone_by_file(found: Sequence[Road], asker: str, method: Method) -> tuple[Road, ...] | Refusal:
    """The roads of a file, or of a list: directly to somebody else, who takes it as it is."""
    by_hand = method is Method.MEDIA
    there = [road for road in found if _leads_somewhere(road) or (by_hand and _is_a_governors(road))]
    direct = tuple(road for road in there if road.through is None and road.provider != asker)
    if direct:
        return direct
    passed_on = any(road.through is not None and _leads_somewhere(road) for road in there)
    return refusals.THROUGH_THE_GOVERNOR if passed_on else _nowhere(found, asker)


def _nowhere(found: Iterable[Road], asker: str) -> Refusal:
    return IN_THE_OWN_BOOK if any(road.provider == asker for road in found) else NO_ROAD


def _leads_somewhere(road: Road) -> bool:
    """Whether the network has it; a town's own book is asked at its desk."""
    elsewhere = any(basis.area is Area.PROVIDER for basis in road.grant.bases)
    return road.provider_kind is not Kind.MUNICIPALITY and not elsewhere


def _is_a_governors(road: Road) -> bool:
    """Whether a medium may be handed to whom it leads to: requests are taken in by who provides in bulk."""
    return road.provider_kind is Kind.PREFECTURE and road.through is None
