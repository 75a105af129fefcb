# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an affair is for (利用目的), said to who is about to ask: why, from whom, by what, and what will come back.

Audits found the wrong affair chosen. So an office is offered those that it holds, and reads a sentence and the
articles before it asks; all of it follows from the book, and nothing here decides anything.

>>> import datetime, openjuki.config
>>> from openjuki.law.book import Book
>>> book, agency = Book.load(), openjuki.config.Kind.AGENCY
>>> passports = book.at(datetime.date(2026, 7, 1)).affairs["prefecture-013"]
>>> said = purpose(passports, book.body("agency-tokyo-ryoken", agency, None), agency)
>>> said.sentence_en
"Residents of the prefecture: from the governor's records (Art. 30-15(1)(i), Table 5, row 6). For nothing else \
(Art. 30-25)."
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openjuki.config import Kind
from openjuki.law import refusals
from openjuki.law.basis import Area, Basis, Key, Method, Route

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from openjuki.law.edition import Affair, Edition
    from openjuki.law.recipients import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a body asks for under an affair, and what will come back (利用目的の説明)."""

    affair: str
    title_ja: str
    title_en: str
    law: str
    #: Under which articles it may be told (根拠条文).
    articles: tuple[str, ...]
    #: From whom about whom, and that it is for nothing else.
    sentence_ja: str
    sentence_en: str
    #: Combinations of keys, one of which a question gives, in the order of `Key`.
    keys: tuple[tuple[Key, ...], ...]
    #: Keys that may be added.
    narrowing: tuple[Key, ...]
    #: What an answer may hold, in the order in which it is shown.
    items: tuple[str, ...]
    methods: frozenset[Method]
    #: Whether what was recorded before may come back too.
    history: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "affair": self.affair,
            "title_ja": self.title_ja,
            "title_en": self.title_en,
            "law": self.law,
            "articles": list(self.articles),
            "sentence_ja": self.sentence_ja,
            "sentence_en": self.sentence_en,
            "keys": [[key.value for key in keys] for keys in self.keys],
            "narrowing": [key.value for key in self.narrowing],
            "items": list(self.items),
            "methods": [method.value for method in Method if method in self.methods],
            "history": self.history,
        }


def purpose(affair: Affair, body: Body, kind: Kind) -> Purpose:
    """What a body at a node of this kind asks for under an affair; nothing comes back where the law names it nowhere."""
    bases = [basis for basis in affair.bases if basis.is_for(kind, body)]
    combinations = {_in_order(keys) for basis in bases for keys in basis.keys}
    return Purpose(
        affair=affair.id,
        title_ja=affair.title_ja,
        title_en=affair.title_en,
        law=affair.law,
        articles=tuple(basis.article for basis in bases),
        sentence_ja=_sentence_ja(bases),
        sentence_en=_sentence_en(bases),
        keys=tuple(sorted(combinations, key=lambda keys: [_PLACE[key] for key in keys])),
        narrowing=_in_order(key for basis in bases for key in basis.narrowing),
        items=tuple(dict.fromkeys(item for basis in bases for item in basis.items)),
        methods=frozenset(method for basis in bases for method in basis.methods),
        history=any(basis.history for basis in bases),
    )


def offered(edition: Edition, held: Collection[str], words: str = "") -> tuple[Affair, ...]:
    """The affairs that an office holds and that are in force, in which these words occur; titles before the rest."""
    return tuple(affair for affair in edition.search(words) if affair.id in held)


_PLACE: Final = {key: place for place, key in enumerate(Key)}


def _in_order(keys: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(sorted(set(keys), key=_PLACE.__getitem__))


#: About whom, from whom: by whose persons a basis opens, who provides, and by which road. Others there are not.
WAYS: Final[Mapping[tuple[Area, Kind, Route], tuple[str, str]]] = {
    (Area.OWN_REGISTER, Kind.MUNICIPALITY, Route.WITHIN): (
        "自らの住民は自らの住民基本台帳から",
        "Own residents: from the own register",
    ),
    (Area.SAME_PREFECTURE, Kind.PREFECTURE, Route.WITHIN): (
        "都道府県内の住民は知事の記録から",
        "Residents of the prefecture: from the governor's records",
    ),
    (Area.SAME_PREFECTURE, Kind.PREFECTURE, Route.DIRECT): (
        "都道府県内の住民は知事から",
        "Residents of the prefecture: from the governor",
    ),
    (Area.SAME_PREFECTURE, Kind.CENTRE, Route.DIRECT): (
        "都道府県内の住民は機構から",
        "Residents of the prefecture: from the Centre",
    ),
    (Area.OTHER_PREFECTURE, Kind.CENTRE, Route.DIRECT): (
        "他の都道府県の住民は機構から",
        "Residents of other prefectures: from the Centre",
    ),
    (Area.OTHER_PREFECTURE, Kind.CENTRE, Route.GOVERNOR): (
        "他の都道府県の住民は知事を経て機構から",
        "Residents of other prefectures: from the Centre, through the governor",
    ),
    (Area.NATION, Kind.CENTRE, Route.DIRECT): ("全国の住民は機構から", "All residents: from the Centre"),
    (Area.PROVIDER, Kind.PREFECTURE, Route.DIRECT): (
        "条例を定めた都道府県の住民はその知事から",
        "Residents of the prefecture whose ordinance it is: from its governor",
    ),
    (Area.PROVIDER, Kind.PREFECTURE, Route.GOVERNOR): (
        "条例を定めた都道府県の住民は自らの知事を経てその知事から",
        "Residents of the prefecture whose ordinance it is: from its governor, through the own governor",
    ),
    (Area.PROVIDER, Kind.MUNICIPALITY, Route.DIRECT): (
        "条例を定めた市町村の住民はその長から",
        "Residents of the municipality whose ordinance it is: from its mayor",
    ),
}


def _sentence_ja(bases: Sequence[Basis]) -> str:
    if not bases:
        return refusals.RECIPIENT_NOT_LISTED.message_ja
    ways = "、".join(f"{_way(basis)[0]}（{basis.article}）" for basis in bases)
    return f"{ways}本人確認情報の提供を受けます。ほかの目的には使えません（{_limit(bases)}）。"


def _sentence_en(bases: Sequence[Basis]) -> str:
    if not bases:
        return refusals.RECIPIENT_NOT_LISTED.message_en
    ways = "; ".join(f"{_way(basis)[1]} ({in_english(basis.article)})" for basis in bases)
    return f"{ways}. For nothing else ({in_english(_limit(bases))})."


def _way(basis: Basis) -> tuple[str, str]:
    return WAYS[basis.area, basis.provider, basis.route]


def _limit(bases: Sequence[Basis]) -> str:
    """Which article binds who is told: a recipient (受領者), or a governor who uses the own records."""
    within = all(basis.route is Route.WITHIN for basis in bases)
    return "法30条の25" if within else "法30条の29"


_CITATION: Final = re.compile(
    r"法(?P<article>\d+)条(?P<branches>(?:の\d+)*)(?:第(?P<paragraph>\d+)項)?(?:第(?P<item>\d+)号)?"
)
_ROW: Final = re.compile(r"・別表第(\d+)の(\d+(?:の\d+)*)の項")
_UNITS: Final = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_TENS: Final = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")


def in_english(article: str) -> str:
    """A citation as engineers read it; what an ordinance calls itself stays.

    >>> in_english("法30条の9・別表第1の5の14の項"), in_english("法30条の12第1項第4号")
    ('Art. 30-9, Table 1, row 5-14', 'Art. 30-12(1)(iv)')
    """
    text = _CITATION.sub(_cited, article)
    return _ROW.sub(lambda row: f", Table {row[1]}, row {row[2].replace('の', '-')}", text)


def _cited(found: re.Match[str]) -> str:
    article = found["article"] + found["branches"].replace("の", "-")
    paragraph = f"({found['paragraph']})" if found["paragraph"] else ""
    item = f"({_roman(int(found['item']))})" if found["item"] else ""
    return f"Art. {article}{paragraph}{item}"


def _roman(number: int) -> str:
    """The number of an item; no article has a hundred."""
    tens, units = divmod(number, 10)
    return _TENS[tens] + _UNITS[units]
