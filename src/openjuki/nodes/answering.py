# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is said of those to whom a question leads (回答): each person under the basis that is about them, and no more.

Rules of this file, for whoever is asked:

1. An item is told where the basis that is about the person grants it. Whom no basis is about is not even counted.
2. Whoever is found under a replaced code, or among too many, is not shown.
3. Of several, only what tells them apart is shown; one of them can then be asked about.
4. Who verifies is told yes and no, and nothing that they have not written themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.codes.local_government import prefecture_of
from openjuki.law.basis import Basis
from openjuki.refusal import Refusal, one_line
from openjuki.residents.look_up import Result, arranged, candidates, compare, result, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from openjuki.errors import BadQuestion
    from openjuki.law.decision import Grant
    from openjuki.residents.look_up import Claim, Hit

#: How long a record of nothing told is kept; what was told is kept as its basis says.
REFUSED_RETENTION: Final = "provision"
#: Results that show nobody: who bears the code now, or who they all are.
_UNSHOWN: Final = frozenset((Result.SUPERSEDED, Result.TOO_MANY))


class Answer(NamedTuple):
    """Answer to a question (照会の回答): one result, and what is told with it."""

    result: Result
    #: How many persons were found; more than are shown where they are too many.
    count: int = 0  # type: ignore[assignment]  # not tuple.count
    #: The persons, as far as the law lets them be shown.
    hits: tuple[Mapping[str, Any], ...] = ()
    #: Under which articles.
    articles: tuple[str, ...] = ()
    #: Why not, where a rule said no.
    refusal: Refusal | None = None
    #: The item that is malformed, where one is.
    malformed: str | None = None
    #: Whether each item is what was written, where that was asked (照合).
    items: Mapping[str, bool] | None = None
    #: Several persons to choose from, numbered from 1 (候補).
    candidates: tuple[Mapping[str, Any], ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "result": self.result.value,
            "count": self.count,
            "hits": self.hits,
            "articles": self.articles,
            "refusal": self.refusal and self.refusal.to_dict(),
            "malformed": self.malformed,
            "items": self.items,
            "candidates": self.candidates,
        }

    @classmethod
    def from_dict(cls, items: Mapping[str, Any]) -> Answer:
        """Read what `to_dict` wrote; KeyError, TypeError or ValueError where it did not."""
        refusal, verified, shown = items["refusal"], items["items"], items["candidates"]
        malformed = items["malformed"]
        return cls(
            result=Result(items["result"]),
            count=int(items["count"]),
            hits=tuple(map(dict, items["hits"])),
            articles=tuple(map(one_line, items["articles"])),
            refusal=None if refusal is None else Refusal.from_dict(refusal),
            malformed=None if malformed is None else one_line(malformed),
            items=None if verified is None else dict(verified),
            candidates=None if shown is None else tuple(map(dict, shown)),
        )


class Told(NamedTuple):
    """An answer, and of whom it tells under which basis (回答と提供の対象)."""

    answer: Answer
    #: In the order of the answer.
    persons: tuple[tuple[Hit, Basis], ...] = ()
    #: How long the record of it is kept (保存区分).
    retention: str = REFUSED_RETENTION


#: Nobody was found.
NOTHING: Final = Told(Answer(result=Result.NONE))


def refused(decision: Refusal | BadQuestion) -> Answer:
    """The answer that tells nothing, and why."""
    if isinstance(decision, Refusal):
        return Answer(result=Result.NOT_PERMITTED, refusal=decision)
    return Answer(result=Result.MALFORMED, malformed=decision.where.column)


@dataclass(frozen=True, slots=True)
class Window:
    """Where answers are given (回答の窓口): on a day, and of how many persons at most."""

    on: date
    most: int

    def told(self, grant: Grant, hits: Sequence[Hit]) -> Told:
        """One person is shown, several are to choose from."""
        found = _found((grant,), arranged(hits) if len(hits) > 1 else hits)
        if isinstance(found, Refusal):
            return Told(refused(found))
        outcome = result([hit for hit, _ in found], most=self.most, on=self.on)
        if outcome is Result.SEVERAL:
            shown = candidates([(hit, basis.items) for hit, basis in found], self.on)
            return _told(grant, found, outcome, candidates=shown)
        if outcome in _UNSHOWN:
            return _told(grant, found, outcome)
        return _told(grant, found, outcome, hits=self._shown(found))

    def all_told(self, grant: Grant, hits: Sequence[Hit]) -> Told:
        """Several are shown as one is: to who has them in their own book."""
        told = self.told(grant, hits)
        if told.answer.result is not Result.SEVERAL:
            return told
        return told._replace(answer=told.answer._replace(hits=self._shown(told.persons), candidates=None))

    def verified(self, grants: Sequence[Grant], claim: Claim, hits: Sequence[Hit]) -> Told:
        """Yes or no to what was written of one person; of several, that they are several.

        Whoever is looked for in several ways must be open under each of them.
        """
        found = _found(grants, hits)
        if isinstance(found, Refusal):
            return Told(refused(found))
        persons, items = [hit for hit, _ in found], {}
        if len(persons) == 1 and persons[0].is_current:
            ((hit, basis),) = found
            items = compare(claim.written, hit, [item for item in claim.verify if item in basis.items])
        outcome = verdict(persons, items, most=self.most, on=self.on)
        told = _told(grants[0], found, outcome, items=items or None)
        return told if len(persons) == 1 else told._replace(persons=())

    def _shown(self, found: Sequence[tuple[Hit, Basis]]) -> tuple[Mapping[str, Any], ...]:
        return tuple([hit.shown(basis.items, self.on) for hit, basis in found])


def with_history(told: Told, histories: Mapping[int, Sequence[Hit]], on: date) -> Told:
    """What was recorded before of those who are shown, where the basis lets it be told (履歴)."""
    hits = tuple(
        {
            **shown,
            "history": [past.shown_before(basis.items, on) for past in histories.get(int(hit.holder), ())],
        }
        if basis.history
        else shown
        for shown, (hit, basis) in zip(told.answer.hits, told.persons, strict=True)
    )
    return told._replace(answer=told.answer._replace(hits=hits))


def _found(grants: Sequence[Grant], hits: Sequence[Hit]) -> Sequence[tuple[Hit, Basis]] | Refusal:
    """Who of those found may be told about, each with the basis that is about them; a refusal where nobody may."""
    bases = [(hit, _basis(grants, prefecture_of(hit.municipality))) for hit in hits]
    open_ = [(hit, basis) for hit, basis in bases if isinstance(basis, Basis)]
    if open_ or not bases:
        return open_
    return next(basis for _, basis in bases if isinstance(basis, Refusal))


def _basis(grants: Sequence[Grant], prefecture: str) -> Basis | Refusal:
    if len(grants) == 1:
        return grants[0].basis_for(prefecture)
    bases = [grant.basis_for(prefecture) for grant in grants]
    return next((basis for basis in bases if isinstance(basis, Refusal)), bases[0])


def _told(grant: Grant, found: Sequence[tuple[Hit, Basis]], outcome: Result, **said: Any) -> Told:
    """An answer with its articles; where nobody was found, those under which somebody might have been."""
    articles = tuple(dict.fromkeys([basis.article for _, basis in found])) or grant.articles
    answer = Answer(result=outcome, count=len(found), articles=articles, **said)
    persons = () if outcome is Result.TOO_MANY else tuple(found)
    return Told(answer, persons, (found[0][1] if found else grant.bases[0]).retention)
