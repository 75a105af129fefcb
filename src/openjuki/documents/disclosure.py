# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What people are handed about themselves (開示の書面, 法30条の32第2項), in plain Japanese and English. Pure.

A document is JSON (`openjuki/disclosure/1`, ``docs/reference/json.md``); here it becomes a page that can be printed and
read on a telephone. The page says what the document says, and nothing is fetched for it.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from openjuki.config import JST
from openjuki.documents import words
from openjuki.documents.words import Said
from openjuki.residents.dates import RecordedDate
from openjuki.wire.leaf import Leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    #: Where the proof of a line lies, by the line's number; None: nowhere.
    type Lies = Callable[[int], str | None]

#: Who asks (請求者).
APPLICANTS: Final[Mapping[str, Said]] = {
    "self": Said("本人", "the person"),
    "representative": Said("法定代理人", "a statutory representative"),
    "delegate": Said("任意代理人", "a delegate"),
}
#: What is asked for (請求の対象).
WANTS: Final[Mapping[str, Said]] = {
    "own": Said("自己の本人確認情報", "identification information"),
    "provisions": Said("提供の記録", "who was told"),
}
#: What was found of a claim (調査の結果).
OUTCOMES: Final[Mapping[str, Said]] = {
    "corrected": Said("訂正しました", "corrected"),
    "passed_on": Said("住所地の市区町村に連絡しました", "passed on to the municipality"),
    "unchanged": Said("訂正しません", "left as it is"),
}
_WHATS: Final[Mapping[str, Said]] = {
    "verify": Said("書かれた事項が同じかどうかだけを答えました", "only whether what was written is the same"),
    "none": Said("情報は提供していません", "no item was told"),
    "items": Said("次の項目を提供しました", "these items were told"),
}


class Notice(NamedTuple):
    """A notice in writing that is no disclosure (通知書): refused, later, or what was found of a claim."""

    title: Said
    #: Who says it, and about which request.
    node: str
    reason: str
    day: date
    #: What is said, and under which article.
    said: Said
    article: str
    #: Further lines: what, and its value.
    facts: tuple[tuple[Said, str], ...] = ()


def page(document: Mapping[str, Any], *, proofs: Lies = lambda _: None, style: str | None = None) -> str:
    """The document as a page (開示の書面).

    Args:
        document: JSON of `openjuki/disclosure/1`.
        proofs: where the proofs of the lines lie, to be linked.
        style: where the page's dress lies; None: it is in the page, so that the page can be sent and kept.
    """
    return _drawn("disclosure", document=document, proofs=proofs, style=style)


def notice(made: Notice, *, style: str | None = None) -> str:
    """A notice as a page (通知書)."""
    return _drawn("notice", notice=made, style=style)


def dress() -> bytes:
    """The style sheet of both."""
    return resources.files(__package__).joinpath("static", "document.css").read_bytes()


def _drawn(template: str, **values: Any) -> str:
    sheet = "" if values["style"] else Markup(dress().decode())  # noqa: S704 - our own file
    return _templates().get_template(f"{template}.html.j2").render(values, sheet=sheet)


@cache
def _templates() -> Environment:
    drawn = Environment(
        loader=PackageLoader("openjuki.documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn.filters |= {"moment": moment, "day": day, "leaf": _leaf}
    drawn.globals |= {
        "item": words.item,
        "shown": words.shown,
        "applicant": APPLICANTS.__getitem__,
        "want": WANTS.__getitem__,
        "method": _method,
        "told": told,
        "place": place,
        "change": lambda name: words.CHANGES.get(name) or Said(name, name),
        "ordered": _ordered,
        "result": _result,
    }
    return drawn


def told(line: Mapping[str, Any]) -> Said:
    """What a line says was told.

    >>> told({"what": "ask", "items": [], "result": "superseded"}).en
    'no item was told'
    """
    if line["what"] == "verify":
        return _WHATS["verify"]
    return _WHATS["items" if line["items"] else "none"]


def moment(text: str) -> str:
    """When, to the minute, in Japan.

    >>> moment("2026-11-22T05:06:07+00:00")
    '令和8年11月22日 14:06'
    """
    at = datetime.fromisoformat(text).astimezone(JST)
    return f"{day(at.date().isoformat())} {at:%H:%M}"


def day(text: str) -> str:
    """A day as it is written in Japan.

    >>> day("2026-04-01")
    '令和8年4月1日'
    """
    return RecordedDate.parse(text[:10]).wareki


def _method(name: str) -> Said:
    return words.METHODS.get(name) or Said(name, name)


def _result(name: str) -> Said:
    verdict = words.RESULTS.get(name)
    return Said(name, name) if verdict is None else verdict.title


def _ordered(names: Iterable[str]) -> list[str]:
    """Items in the order in which people know them."""
    known = list(words.ITEMS)
    return sorted(names, key=lambda name: (known.index(name) if name in known else len(known), name))


def place(proof: Mapping[str, Any]) -> Said:
    """Where in the journal a line stands.

    >>> place({"place": 0, "envelope": {"index": 7}}).en, place({"index": 2, "part": {"index": 9}}).ja
    ('no. 1 in row 7 of the journal', '記録簿の9番の行、その3件目')
    """
    row = _row(proof)["index"]
    number = 1 + (proof["index"] if "part" in proof else proof["place"])
    return Said(f"記録簿の{row}番の行、その{number}件目", f"no. {number} in row {row} of the journal")


def _leaf(proof: Mapping[str, Any]) -> str:
    """What the row's leaf commits to, in short: whoever looks into the journal finds the row by it."""
    return Leaf.from_bytes(_row(proof)["leaf"].encode()).commitment.hex()[:16]


def _row(proof: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of the row of the journal: that of a part, or of an envelope of questions."""
    row: Mapping[str, Any] = proof["part" if "part" in proof else "envelope"]
    return row
