# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""May this be told? (提供の可否): small conditions, composed; whatever none of them carries is refused.

A request names an affair; the book says on which bases the affair rests. Each condition strikes out the
bases that do not carry the request; when none is left, that condition's refusal is the answer. What is
left is granted, and per person one of them carries: which, depends on the prefecture that notified the
person (通知都道府県). Who asked without the governor where the law sends through the governor is refused for those
persons, and for those only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.config import JST
from openjuki.law import refusals
from openjuki.law.book import Area, Method, Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from openjuki.config import Kind
    from openjuki.errors import Refusal
    from openjuki.law.book import Affair, Basis, Book, Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody asks to be told about a person (提供の求め)."""

    #: What kind of node asks.
    recipient_kind: Kind
    #: Its node id.
    recipient: str
    #: Its prefecture, where it has one.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The law permits an answer (提供の許可): the affair, and the bases that carry the request."""

    request: Request
    affair: Affair
    bases: tuple[Basis, ...]
    #: What the affair rests on besides, and why it does not carry this request.
    struck: tuple[tuple[Basis, Refusal], ...] = ()

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles under which persons may be told (根拠条文)."""
        return tuple(basis.article for basis in self.bases)

    def basis_for(self, prefecture: str | None) -> Basis | Refusal:
        """Under which basis a person may be told whom this prefecture notified (通知都道府県)."""
        for basis in self.bases:
            if _covers(self.request, basis, prefecture):
                return basis
        for basis, refusal in self.struck:
            if _covers(self.request, basis, prefecture):
                return refusal
        return refusals.OUTSIDE_THE_AREA


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on every provision (提供の条件): which bases carry a request, and what is said if none does."""

    refusal: Refusal
    carries: Callable[[Request, Basis], bool]


def _is_competent(request: Request, basis: Basis) -> bool:
    """Whether the node that is asked is the one that answers under the basis (法30条の25)."""
    own = request.provider == request.recipient
    return request.provider_kind is basis.provider and own is (basis.area is Area.OWN_REGISTER)


def _is_on_its_road(request: Request, basis: Basis) -> bool:
    """Whether the question goes through its governor, where the law says so (法30条の12第1項)."""
    return basis.route is not Route.GOVERNOR or request.through == request.prefecture is not None


def _covers(request: Request, basis: Basis, prefecture: str | None) -> bool:
    """Whether the basis is about a person whom that prefecture notified, seen from who asks."""
    return _COVERED[basis.area](request, prefecture)


_COVERED: Final[Mapping[Area, Callable[[Request, str | None], bool]]] = {
    Area.OWN_REGISTER: lambda request, _: request.provider == request.recipient,
    Area.SAME_PREFECTURE: lambda request, prefecture: request.prefecture == prefecture is not None,
    Area.OTHER_PREFECTURE: lambda request, prefecture: (
        None not in (prefecture, request.prefecture) and prefecture != request.prefecture
    ),
}
#: Asked in this order; another condition is one more line.
CONDITIONS: Final = (
    Condition(
        refusals.RECIPIENT_NOT_LISTED, lambda request, basis: request.recipient_kind is basis.recipient
    ),
    Condition(refusals.PROVIDER_NOT_COMPETENT, _is_competent),
    Condition(refusals.AFFAIR_NOT_HELD, lambda request, _: request.holds),
    Condition(refusals.NOBODY_ASKS, lambda request, _: bool(request.operator and request.terminal)),
    Condition(refusals.NO_REASON, lambda request, _: bool(request.reason.strip())),
    Condition(refusals.METHOD_NOT_OPEN, lambda request, basis: request.method in basis.methods),
    Condition(refusals.KEYS_TOO_WIDE, lambda request, basis: basis.suffices(request.keys)),
    Condition(refusals.THROUGH_THE_GOVERNOR, _is_on_its_road),
)


def decide(
    request: Request, book: Book, at: datetime, conditions: Sequence[Condition] = CONDITIONS
) -> Grant | Refusal:
    """Decide a request by the book as it stands at that moment in Japan; without conditions nothing is granted."""
    if not conditions:
        return refusals.NO_CONDITIONS
    affair = book.affair(request.affair, at.astimezone(JST).date())
    if affair is None:
        return refusals.NOT_IN_FORCE if request.affair in book.known else refusals.UNKNOWN_AFFAIR
    bases: Sequence[Basis] = affair.bases
    struck: list[tuple[Basis, Refusal]] = []
    for condition in conditions:
        carrying = []
        for basis in bases:
            if condition.carries(request, basis):
                carrying.append(basis)
            else:
                struck.append((basis, condition.refusal))
        if not carrying:
            return condition.refusal
        bases = carrying
    return Grant(request=request, affair=affair, bases=tuple(bases), struck=tuple(struck))
