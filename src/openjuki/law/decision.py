# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""May this be told? (提供の可否): small conditions, composed; whatever none of them carries is refused.

A request names an affair; the book says on which bases the affair rests. Each condition strikes out the
bases that do not carry the request; when none is left, that condition's refusal is the answer. What is
left is granted, and per person one of them carries: which, depends on the prefecture that notified the
person (通知都道府県). Who asked without the governor where the law sends through the governor is refused for those
persons, and for those only.

Who asks is a body in the law, not a node: the gateway of a prefecture's tax office asks as its governor does,
and the tables say which names it bears (`Book.body`). `roads` says, before anything is asked, whom to ask.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from openjuki.config import CENTRE, JST, Kind
from openjuki.law import refusals
from openjuki.law.basis import Area, Method, Route
from openjuki.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from openjuki.law.basis import Basis, Key
    from openjuki.law.book import Book
    from openjuki.law.edition import Affair
    from openjuki.law.recipients import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody asks to be told about a person (提供の求め)."""

    #: What kind of node asks.
    recipient_kind: Kind
    #: Its node id.
    recipient: str
    #: Its prefecture, where the node directory names one.
    prefecture: str | None
    #: The office within it, and whether that office holds the affair, as the asking node's records say.
    office: str
    holds: bool
    operator: str
    terminal: str
    affair: str
    #: Why, in the operator's words: a case number, an application.
    reason: str
    keys: frozenset[Key]
    #: What kind of node is to answer.
    provider_kind: Kind
    #: Its node id.
    provider: str
    #: The prefecture through which the question comes, or is to go.
    through: str | None = None
    method: Method = Method.TERMINAL
    #: Items to which yes or no is to be said (照合); none: the items of the affair are asked for.
    verify: frozenset[str] = frozenset()
    #: Whether what was recorded before is asked for too (履歴).
    history: bool = False
    #: How many persons it asks about.
    persons: int = 1
    #: How many the office may still ask about; None: nobody counts.
    quota: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The law permits an answer (提供の許可): the affair, and the bases that carry the request."""

    request: Request
    #: Who asks, in the law.
    body: Body
    affair: Affair
    bases: tuple[Basis, ...]
    #: What the affair rests on besides, and why it does not carry this request.
    struck: tuple[tuple[Basis, Refusal], ...] = ()
    #: What was found for a prefecture: persons of few prefectures are asked about many times.
    _about: dict[str | None, Basis | Refusal] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles under which persons may be told (根拠条文)."""
        return tuple(basis.article for basis in self.bases)

    def basis_for(self, prefecture: str | None) -> Basis | Refusal:
        """Under which basis a person may be told whom this prefecture notified (通知都道府県)."""
        found = self._about.get(prefecture)
        if found is None:
            found = self._about[prefecture] = self._basis_for(prefecture)
        return found

    def _basis_for(self, prefecture: str | None) -> Basis | Refusal:
        for basis in self.bases:
            if _covers(self.request, self.body, basis, prefecture):
                return basis
        for basis, refusal in self.struck:
            if _covers(self.request, self.body, basis, prefecture):
                return refusal
        return refusals.OUTSIDE_THE_AREA


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on every provision (提供の条件): which bases carry a request, and what is said if none does."""

    refusal: Refusal
    carries: Callable[[Request, Body, Basis], bool]


def _is_listed(request: Request, body: Body, basis: Basis) -> bool:
    """Whether the law names who asks (別表の上欄)."""
    return basis.is_for(request.recipient_kind, body)


def _is_agreed(request: Request, body: Body, _basis: Basis) -> bool:
    """Whether the node directory names the prefecture that the book does, where it names one."""
    return request.prefecture in {None, body.prefecture}


def _is_competent(request: Request, body: Body, basis: Basis) -> bool:
    """Whether the node that is asked is the one that answers under the basis (法30条の25)."""
    if request.provider_kind is not basis.provider:
        return False
    if basis.area is Area.PROVIDER and request.provider != basis.government:
        return False
    if basis.provider is Kind.PREFECTURE:
        return (request.provider == body.prefecture) is (basis.area is Area.SAME_PREFECTURE)
    return (request.provider == request.recipient) is (basis.area is Area.OWN_REGISTER)


def _is_on_its_road(request: Request, body: Body, basis: Basis) -> bool:
    """Whether the question goes through its governor, where the law says so (法30条の12第1項)."""
    return basis.route is not Route.GOVERNOR or request.through == body.prefecture is not None


def _covers(request: Request, body: Body, basis: Basis, prefecture: str | None) -> bool:
    """Whether the basis is about a person whom that prefecture notified, seen from who asks."""
    return _COVERED[basis.area](request, body.prefecture, prefecture)


_COVERED: Final[Mapping[Area, Callable[[Request, str | None, str | None], bool]]] = {
    Area.OWN_REGISTER: lambda request, _, __: request.provider == request.recipient,
    Area.SAME_PREFECTURE: lambda _, home, prefecture: home == prefecture is not None,
    Area.OTHER_PREFECTURE: lambda _, home, prefecture: None not in (prefecture, home) and prefecture != home,
    Area.NATION: lambda _, __, prefecture: prefecture is not None,
    # A mayor has only whom the own register holds; a governor, whom the prefecture notified.
    Area.PROVIDER: lambda request, _, prefecture: (
        request.provider_kind is Kind.MUNICIPALITY or request.provider == prefecture
    ),
}
#: Asked in this order; another condition is one more line.
CONDITIONS: Final = (
    Condition(refusals.RECIPIENT_NOT_LISTED, _is_listed),
    Condition(refusals.BODY_NOT_AGREED, _is_agreed),
    Condition(refusals.PROVIDER_NOT_COMPETENT, _is_competent),
    Condition(refusals.AFFAIR_NOT_HELD, lambda request, *_: request.holds),
    Condition(refusals.NOBODY_ASKS, lambda request, *_: bool(request.operator and request.terminal)),
    Condition(refusals.NO_REASON, lambda request, *_: bool(request.reason.strip())),
    Condition(refusals.METHOD_NOT_OPEN, lambda request, _, basis: request.method in basis.methods),
    Condition(refusals.KEY_NOT_OPEN, lambda request, _, basis: basis.opens(request.keys)),
    Condition(refusals.KEYS_TOO_WIDE, lambda request, _, basis: basis.suffices(request.keys)),
    Condition(refusals.ITEM_NOT_OPEN, lambda request, _, basis: request.verify <= set(basis.items)),
    Condition(refusals.HISTORY_NOT_OPEN, lambda request, _, basis: basis.history or not request.history),
    Condition(
        refusals.QUOTA_USED_UP, lambda request, *_: request.quota is None or request.persons <= request.quota
    ),
    Condition(refusals.THROUGH_THE_GOVERNOR, _is_on_its_road),
)


def decide(
    request: Request, book: Book, at: datetime, conditions: Sequence[Condition] = CONDITIONS
) -> Grant | Refusal:
    """Decide a request by the book as it stands at that moment in Japan; without conditions nothing is granted."""
    if not conditions:
        return refusals.NO_CONDITIONS
    affair = in_force(request.affair, book, at)
    if isinstance(affair, Refusal):
        return affair
    body = book.body(request.recipient, request.recipient_kind, request.prefecture)
    return _weighed(request, body, affair, conditions)


def _weighed(
    request: Request, body: Body, affair: Affair, conditions: Sequence[Condition] = CONDITIONS
) -> Grant | Refusal:
    """What is left of an affair's bases when each condition has struck out those that do not carry the request."""
    bases: Sequence[Basis] = affair.bases
    struck: list[tuple[Basis, Refusal]] = []
    for condition in conditions:
        carries = condition.carries
        carrying = [basis for basis in bases if carries(request, body, basis)]
        if not carrying:
            return condition.refusal
        if len(carrying) < len(bases):
            struck += ((basis, condition.refusal) for basis in bases if basis not in carrying)
            bases = carrying
    return Grant(request=request, body=body, affair=affair, bases=tuple(bases), struck=tuple(struck))


def in_force(affair: str, book: Book, at: datetime) -> Affair | Refusal:
    """The affair as it stands on the day in Japan, or why it is none (施行日)."""
    edition = book.at(at.astimezone(JST).date())
    if affair in edition.affairs:
        return edition.affairs[affair]
    if affair in edition.awaited:
        return refusals.NOT_YET_ENTERED
    return refusals.NOT_IN_FORCE if affair in book.known else refusals.UNKNOWN_AFFAIR


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """Whom to ask, and through whom (照会の経路); the persons whom it leads to are those of its grant's bases."""

    provider_kind: Kind
    provider: str
    #: The prefecture through which the question goes, where the law sends it there for some persons.
    through: str | None
    grant: Grant

    @property
    def bases(self) -> frozenset[str]:
        """The bases that carry on it."""
        return frozenset(basis.id for basis in self.grant.bases)

    def covers(self, other: Road) -> bool:
        """Whether it leads to everybody to whom the other leads: the governor's road to the Centre, the direct one."""
        return self is not other and self.provider == other.provider and other.bases <= self.bases


def roads(request: Request, book: Book, at: datetime) -> tuple[Road, ...] | Refusal:
    """Every road on which somebody may be found, the nearest first; provider and way of `request` are not read.

    First the own book, then the own governor's, then the Centre directly, and last the Centre through the own
    governor, where the law sends the question there for persons of other prefectures. That last road leads to
    everybody to whom the direct one does: who has found the person does not go it, who wants all goes only it
    (`uncovered`). Under an ordinance of somebody else's (法30条の13第2項, 法30条の14) it is whose ordinance it is.
    """
    body = book.body(request.recipient, request.recipient_kind, request.prefecture)
    affair = in_force(request.affair, book, at)
    if isinstance(affair, Refusal):
        return affair
    bases = [basis for basis in affair.bases if basis.is_for(request.recipient_kind, body)]
    if not bases:
        return refusals.RECIPIENT_NOT_LISTED
    found: list[Road] = []
    refused: list[Refusal] = []
    for provider_kind, provider, through in _ways(request, body, bases):
        way = replace(request, provider_kind=provider_kind, provider=provider, through=through)
        decision = _weighed(way, body, affair)
        if isinstance(decision, Grant):
            found.append(
                Road(provider_kind=provider_kind, provider=provider, through=through, grant=decision)
            )
        else:
            refused.append(decision)
    return tuple(found) or next(iter(refused), refusals.PROVIDER_NOT_COMPETENT)


def uncovered(found: Sequence[Road]) -> tuple[Road, ...]:
    """The roads that must be gone to find everybody: those that no other covers."""
    return tuple(road for road in found if not any(other.covers(road) for other in found))


def _ways(request: Request, body: Body, bases: Sequence[Basis]) -> Iterable[tuple[Kind, str, str | None]]:
    """Providers and ways of these bases, once each, the nearest first."""
    ways: dict[tuple[Kind, str, str | None], None] = {}
    for direct in (True, False):
        for basis in bases:
            provider = _provider(request, body, basis)
            if provider is not None and direct is (basis.route is not Route.GOVERNOR):
                ways[basis.provider, provider, None if direct else body.prefecture] = None
    return ways


def _provider(request: Request, body: Body, basis: Basis) -> str | None:
    """The node that answers under a basis; None where nobody can say who."""
    if basis.provider is Kind.CENTRE:
        return CENTRE
    if basis.area is Area.PROVIDER:
        return basis.government
    return request.recipient if basis.provider is Kind.MUNICIPALITY else body.prefecture
