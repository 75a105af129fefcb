# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The road of a notice, step by step (道のりの各段), as the page tells it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from openjuki.simulation.live.words import Said, milliseconds, size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.simulation.live.ear import Heard
    from openjuki.simulation.live.reading import Book, Entry
    from openjuki.simulation.live.road import Hop, Road


class Form(StrEnum):
    """What a step is: something in a book, something on the line, or a seal on the book."""

    BOOK = "book"
    LINE = "line"
    SEAL = "seal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the road (一段)."""

    form: Form
    title: Said
    #: What was written, or what went by: rows and bytes.
    what: Said
    #: Since the beginning; empty while it has not happened.
    after: str = ""

    @property
    def done(self) -> bool:
        """Whether it has happened."""
        return bool(self.after)


def steps(road: Road, town_book: Book | None, names: Mapping[str, Said]) -> tuple[Step, ...]:
    """Tell a road: book, line, book, line, book, and the town's journal signed over it."""
    began = road.written.at
    told = [_book(names[road.town], Said("が記録", "records"), road.written, began)]
    for hop in road.hops:
        told += [
            _line(hop, names, began),
            _book(names[hop.recipient], Said("が記録", "records"), hop.taken, began),
        ]
    return (*told, _seal(road, town_book, names))


def _book(name: Said, verb: Said, entry: Entry | None, began: datetime) -> Step:
    title = Said(name.ja + verb.ja, f"{name.en} {verb.en}")
    if entry is None:
        return Step(form=Form.BOOK, title=title, what=Said("まだ", "not yet"))
    what = Said(f"記録簿の行 {entry.row:,}", f"journal row {entry.row:,}")
    return Step(form=Form.BOOK, title=title, what=what, after=_after(entry.at, began))


def _line(hop: Hop, names: Mapping[str, Said], began: datetime) -> Step:
    sender, recipient = names[hop.sender], names[hop.recipient]
    title = Said(f"{recipient.ja}が取りに来る", f"{recipient.en} pulls from {sender.en}")
    if hop.answered is None:
        waiting = Said("待っています", "waiting") if hop.taken is None else Said("傍受なし", "not heard")
        return Step(form=Form.LINE, title=title, what=waiting)
    asked, answered = _bytes(hop.asked), size(hop.answered.size)
    what = Said(f"要求 {asked}・封書 {answered}", f"request {asked}, sealed answer {answered}")
    return Step(form=Form.LINE, title=title, what=what, after=_after(hop.answered.at, began))


def _bytes(heard: Heard | None) -> str:
    return "–" if heard is None else size(heard.size)


def _seal(road: Road, book: Book | None, names: Mapping[str, Said]) -> Step:
    title = Said("記録簿に署名と立会い", "Journal signed, witnessed")
    if book is None or book.signed is None or book.signed.size <= road.written.row:
        return Step(form=Form.SEAL, title=title, what=Said("署名待ち", "not signed yet"))
    by = [
        names[one]
        for one, cosigned in book.cosigned.items()
        if cosigned.size > road.written.row and one in names
    ]
    if not by:
        what = Said("署名済み、立会い待ち", "signed; witnesses to come")
    else:
        ja, en = "・".join(name.ja for name in by), ", ".join(name.en for name in by)
        what = Said(f"署名済み。立会い: {ja}", f"signed; witnessed by {en}")
    return Step(form=Form.SEAL, title=title, what=what, after=Said("済", "done").ja)


def _after(at: datetime, began: datetime) -> str:
    return f"+{milliseconds((at - began).total_seconds())}"
