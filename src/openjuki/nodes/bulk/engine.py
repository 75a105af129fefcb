# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parts of answers in bulk (一括提供の回答), in columns: a million persons in a second.

Theory of operation. Keys become positions in a book, positions a basis each, and only then is anything of a person
read: each column once for all questions to which it is granted, in the order in which the book has it, and of nobody
about whom it is not granted, nor of whom the key itself says it as it is recorded. What comes out depends on the
persons alone, so two books that have the same say the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from openjuki.nodes.bulk.legible import legible, numbers
from openjuki.nodes.bulk.reading import Reading, read
from openjuki.nodes.bulk.weighing import weigh
from openjuki.store.snapshot.layout import ITEMS
from openjuki.wire.bulk import RESULTS, KeyKind, StateAt
from openjuki.wire.columns import answer_schema, write_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from openjuki.law.decision import Grant
    from openjuki.nodes.bulk.weighing import Book, Weighed
    from openjuki.residents.look_up.result import Result
    from openjuki.store.snapshot import Found, State


class Question(NamedTuple):
    """A part of the keys of a request, and what the law granted it (照会の部分)."""

    kind: KeyKind
    #: Columns of `openjuki.wire.columns.KEY_SCHEMAS`.
    keys: pa.Table
    grant: Grant

    @property
    def items(self) -> tuple[str, ...]:
        """Every item that some basis grants, in the order of an answer's columns."""
        granted = {item for basis in self.grant.bases for item in basis.items}
        return tuple(item for item in ITEMS if item in granted)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPart:
    """Part of an answer (回答の部分), and who is told about in it."""

    #: Arrow stream of `openjuki.wire.columns.answer_schema`: a row for each key, in their order.
    stream: bytes = field(repr=False)
    #: To which its column ``article`` points: one for each basis of the grant.
    articles: tuple[str, ...]
    items: tuple[str, ...]
    results: Mapping[Result, int]
    state: StateAt
    #: For the log: resident code, result and basis of each who is told about.
    codes: NDArray[np.int64] = field(repr=False)
    log_results: NDArray[np.uint8] = field(repr=False)
    log_bases: NDArray[np.uint8] = field(repr=False)


def answer(state: State, questions: Sequence[Question], on: date) -> Iterator[AnswerPart]:
    """Answer parts of several requests from one state of the book, in one pass over it; each when it is asked for."""
    return told(state, questions, _find(state, questions), on)


def told(book: Book, questions: Sequence[Question], found: Sequence[Found], on: date) -> Iterator[AnswerPart]:
    """What is told of those to whom the keys of each question led."""
    weighed = [
        weigh(book, question.grant, one, legible(question.kind, question.keys))
        for question, one in zip(questions, found, strict=True)
    ]
    readings = [
        Reading(question, one, who.alike)
        for question, one, who in zip(questions, weighed, found, strict=True)
    ]
    read(book, readings, on)
    for question, one, reading in zip(questions, weighed, readings, strict=True):
        yield _part(book, question, one, reading)


def _find(state: State, questions: Sequence[Question]) -> list[Found]:
    """Whom the keys lead to; those of one kind are looked for together."""
    found: dict[int, Found] = {}
    for kind in dict.fromkeys(question.kind for question in questions):
        whose = {number: one.keys for number, one in enumerate(questions) if one.kind is kind}
        together = _led(state, kind, pa.concat_tables(whose.values()))
        found |= zip(whose, together.split([keys.num_rows for keys in whose.values()]), strict=True)
    return [found[number] for number in range(len(questions))]


def _led(state: State, kind: KeyKind, keys: pa.Table) -> Found:
    if kind is KeyKind.FOUR_ITEMS:
        return state.by_four(keys)
    return (state.by_code if kind is KeyKind.RESIDENT_CODE else state.by_number)(numbers(keys))


def _part(book: Book, question: Question, weighed: Weighed, reading: Reading) -> AnswerPart:
    weighed.results[reading.everybody.rows] = reading.results
    told, counts = weighed.told, np.bincount(weighed.results, minlength=256)
    content = {"result": weighed.results, "article": weighed.bases}
    content |= {item: reading.column(item) for item in question.items}
    return AnswerPart(
        stream=write_columns(pa.table(content, schema=answer_schema(question.items))),
        articles=question.grant.articles,
        items=question.items,
        results={result: int(counts[byte]) for byte, result in RESULTS.items() if counts[byte]},
        state=StateAt(book.size, book.root, book.at),
        codes=book.codes(weighed.positions[told]),
        log_results=weighed.results[told],
        log_bases=weighed.bases[told],
    )
