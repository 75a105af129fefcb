# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an amendment changes (新旧対照): affairs that come, go, or say something else from one day to another."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from openjuki.law.basis import Basis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.law.edition import Affair, Edition

_OF_AFFAIRS: Final = ("title_ja", "law", "words")
#: The article says the row; days and translations change nothing for anybody.
_OF_BASES: Final = tuple(
    field.name
    for field in fields(Basis)
    if field.name not in {"id", "row", "since", "until", "title_ja", "title_en"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One thing that an affair says anew (改正): of which basis, if of one; before, and after."""

    affair: str
    basis: str | None
    member: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changes between two days (新旧対照)."""

    begun: tuple[Affair, ...]
    ended: tuple[Affair, ...]
    amended: tuple[Amendment, ...]


def difference(before: Edition, after: Edition) -> Difference:
    """What changes from one edition to another."""
    return Difference(
        begun=tuple(one for name, one in after.affairs.items() if name not in before.affairs),
        ended=tuple(one for name, one in before.affairs.items() if name not in after.affairs),
        amended=tuple(
            amendment
            for name, one in before.affairs.items()
            if name in after.affairs
            for amendment in _amendments(one, after.affairs[name])
        ),
    )


def _amendments(before: Affair, after: Affair) -> Iterator[Amendment]:
    if before == after:
        return
    for member in _OF_AFFAIRS:
        if getattr(before, member) != getattr(after, member):
            yield Amendment(
                affair=before.id,
                basis=None,
                member=member,
                before=getattr(before, member),
                after=getattr(after, member),
            )
    old, new = _by_place(before), _by_place(after)
    for place in dict.fromkeys((*old, *new)):
        yield from _of_basis(before.id, place[0], old.get(place), new.get(place))


def _by_place(affair: Affair) -> dict[tuple[str, int], Basis]:
    """Bases by their ids, and by their order where an affair rests on one of them twice."""
    found: dict[tuple[str, int], Basis] = {}
    for basis in affair.bases:
        found[basis.id, sum(id_ == basis.id for id_, _ in found)] = basis
    return found


def _of_basis(affair: str, name: str, old: Basis | None, new: Basis | None) -> Iterator[Amendment]:
    if old is None or new is None:
        articles = (old and old.article, new and new.article)
        yield Amendment(affair=affair, basis=name, member="article", before=articles[0], after=articles[1])
        return
    for member in _OF_BASES:
        before, after = getattr(old, member), getattr(new, member)
        if before != after:
            yield Amendment(affair=affair, basis=name, member=member, before=before, after=after)
