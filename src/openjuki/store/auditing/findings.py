# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is found when provisions are counted again (再計算の結果): how many there are, and what does not add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

#: So many faults of a kind are named; the others are counted.
MOST_NAMED: Final = 100


class What(StrEnum):
    """What does not add up (不一致の種類)."""

    #: The journal has an envelope or a part, and the record of provisions does not list it.
    UNLISTED = "unlisted"
    #: The record lists an envelope or a part, and no row of the journal does.
    UNRECORDED = "unrecorded"
    #: What is written of a question says it of other persons than the record; or of more unknown ones than were erased.
    MISNAMED = "misnamed"
    #: The record states something else of it than is written.
    MISSTATED = "misstated"
    #: What a row says is gone, and nothing says that it was erased.
    UNEXPLAINED = "unexplained"
    #: An envelope or a part has more or fewer than it says.
    MISCOUNTED = "miscounted"
    #: The rows of an envelope or a part are not those that its root was signed over, or one says something else.
    MISGROWN = "misgrown"
    #: What vouches for a run of the index does not fit it.
    NOT_VOUCHED_FOR = "not-vouched-for"
    #: The index leads to other rows than the parts have.
    MISINDEXED = "misindexed"


SENTENCES: Final = {
    What.UNLISTED: (
        "記録簿にある提供が、提供の記録にありません。",
        "The journal has provisions that the record does not list.",
    ),
    What.UNRECORDED: (
        "提供の記録にあるものが、記録簿にありません。",
        "The record lists something that is in no row of the journal.",
    ),
    What.MISNAMED: (
        "提供の対象とされた本人が、署名された記載と一致しません。",
        "The record lists other persons than its signed rows name.",
    ),
    What.MISSTATED: (
        "提供の記録の項目が、署名された記載と一致しません。",
        "The record states something else than its signed rows.",
    ),
    What.UNEXPLAINED: (
        "内容が失われていますが、消去の記録がありません。",
        "Something is gone, and nothing says that it was erased.",
    ),
    What.MISCOUNTED: (
        "件数が、署名された件数と一致しません。",
        "There are more or fewer than was signed.",
    ),
    What.MISGROWN: (
        "電文又は部分の行が、署名されたハッシュと一致しません。",
        "The rows of an envelope or a part are not those that were signed.",
    ),
    What.NOT_VOUCHED_FOR: (
        "索引が、記録簿にある目録と一致しません。",
        "A run of the index is not what the journal vouches for.",
    ),
    What.MISINDEXED: (
        "索引の示す行が、提供の記録の行と一致しません。",
        "The index leads to other rows than the record has.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Something that does not add up (不一致)."""

    what: What
    #: ``journal``, ``part``, ``run``, ``envelope`` or ``provision``, and which: a question by asker, envelope and place.
    kind: str
    which: int | str

    def to_dict(self) -> dict[str, int | str]:
        """JSON form."""
        ja, en = SENTENCES[self.what]
        return {
            "what": self.what.value,
            self.kind: self.which,
            "message_ja": ja,
            "message_en": en,
        }


@dataclass(slots=True)
class Audited:
    """What was counted, and what does not add up (再計算の結果)."""

    counts: Counter[str] = field(default_factory=Counter)
    #: How many keys of bulk provisions came to which result.
    results: Counter[str] = field(default_factory=Counter)
    faults: list[Discrepancy] = field(default_factory=list)
    #: Faults that are not named.
    more: int = 0

    def add(self, what: What, kind: str, which: Iterable[int | str]) -> None:
        """Note what does not add up, the first hundred of a kind by name."""
        named = sum(fault.what is what and fault.kind == kind for fault in self.faults)
        for number, one in enumerate(which, named):
            if number < MOST_NAMED:
                self.faults.append(Discrepancy(what=what, kind=kind, which=one))
            else:
                self.more += 1

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "counts": dict(sorted(self.counts.items())),
            "results": dict(sorted(self.results.items())),
            "faults": [fault.to_dict() for fault in self.faults],
            "more": self.more,
        }
