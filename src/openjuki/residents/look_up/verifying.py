# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether what an applicant wrote is what is recorded (本人確認): yes or no for each item, and nothing else.

Rules of this file:

1. What was written is held against one person. Each lawful combination of what was written leads to somebody or
   not; the first that does decides.
2. An item that is to be verified may differ. Every other item that was written must agree, as in a question.
3. Whom a further combination leads to differs in one item and no more: so one slip of the pen is told as one, and
   nobody is taken for a namesake.
4. What is not recorded is neither the same nor another: nothing is said of it.

>>> claim = Claim.from_dict(
...     {"name": "渡辺 葵", "birth_date": "1990-01-01", "address": "一番町1", "verify": ["birth_date", "address"]}
... )
>>> [search.items for search in claim.searches]
[('name', 'birth_date'), ('name', 'address')]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from openjuki.errors import BadQuestion
from openjuki.refusal import Where
from openjuki.residents.look_up.question import LookUp
from openjuki.residents.look_up.result import Result, result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from openjuki.residents.look_up.hit import Hit

#: Items that can be verified; an address with its municipality.
VERIFIABLE: Final = ("name", "furigana", "birth_date", "sex", "address", "individual_number")
#: What finds somebody, in the order of trying.
_COMBINATIONS: Final = tuple(
    map(
        frozenset,
        (
            {"resident_code"},
            {"individual_number"},
            {"name", "birth_date"},
            {"name", "address"},
            {"furigana", "birth_date"},
            {"furigana", "address"},
        ),
    )
)
_WRITTEN: Final = ("resident_code", *VERIFIABLE)
#: Classes of one person of whom it is told that an item differs.
_PRESENT: Final = frozenset((Result.MATCHED, Result.MOVED_OUT))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What an applicant wrote about a person (本人確認の申出), and which of it is to be verified."""

    written: LookUp
    verify: tuple[str, ...]

    @classmethod
    def from_dict(cls, items: Mapping[str, Any]) -> Claim:
        """Read the JSON form: that of a question, and `verify`.

        Raises:
            BadQuestion: an item is malformed, or an item to be verified was not written or cannot be verified.
        """
        written, verify = LookUp.from_dict(items), items.get("verify")
        if not isinstance(verify, list | tuple) or not verify:
            raise BadQuestion("malformed: verify", where=Where(column="verify"))
        for item in verify:
            if item not in VERIFIABLE or getattr(written, item) is None:
                raise BadQuestion("to be verified, and not written", where=Where(column="verify"))
        return cls(written=written, verify=tuple(item for item in VERIFIABLE if item in verify))

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**self.written.to_dict(), "verify": list(self.verify)}

    @cached_property
    def searches(self) -> tuple[LookUp, ...]:
        """The questions that may lead to the person, in the order of trying; the law says which may be asked.

        Where what was written leads to nobody there is one question, with all of it: too wide for any affair.
        """
        settled = _given(self.written).difference(self.verify)
        sets: list[frozenset[str]] = []
        for keys in _COMBINATIONS:
            # more than what led to nobody already leads to nobody
            if keys <= _given(self.written) and not any(earlier <= settled | keys for earlier in sets):
                sets.append(settled | keys)
        return tuple(self._only(items) for items in sets) or (self.written,)

    def held_against(self, found: Sequence[Sequence[Hit]]) -> tuple[Hit, ...]:
        """Whom the claim is held against, of those to whom its searches led; several where nobody can say which."""
        for place, hits in enumerate(found):
            nearest = self._nearest(hits)
            if nearest and (place == 0 or self._differences(nearest[0]) <= 1):
                return nearest
        return ()

    def _nearest(self, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        least = min(map(self._differences, hits), default=0)
        return tuple(hit for hit in hits if self._differences(hit) == least)

    def _differences(self, hit: Hit) -> int:
        return sum(self.written.agrees(item, hit) is False for item in self.verify)

    def _only(self, items: frozenset[str]) -> LookUp:
        """These items of what was written, and the municipality with the address it belongs to."""
        away = dict.fromkeys(_given(self.written) - items)
        if "address" in away:
            away["municipality"] = None
        return replace(self.written, **cast("dict[str, Any]", away))


def compare(question: LookUp, hit: Hit, items: Iterable[str]) -> dict[str, bool]:
    """Yes or no for each of these items; an item that was not written, or is not recorded, is left out."""
    told = ((item, question.agrees(item, hit)) for item in items if item in VERIFIABLE)
    return {item: agrees for item, agrees in told if agrees is not None}


def verdict(hits: Sequence[Hit], items: Mapping[str, bool], *, most: int, on: date) -> Result:
    """The class of an answer to a claim that was held against these, and what was told of its items."""
    outcome = result(hits, most=most, on=on)
    return Result.MISMATCH if outcome in _PRESENT and not all(items.values()) else outcome


def _given(written: LookUp) -> frozenset[str]:
    return frozenset(item for item in _WRITTEN if getattr(written, item) is not None)
