# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is asked in bulk, by whom and why (一括照会の申出): values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.carriage.answer_files import AnswerForm, Format
from openjuki.carriage.encoding import Encoding
from openjuki.law.basis import Method
from openjuki.refusal import Refusal
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.nodes.asking import AtTerminal, Machine
    from openjuki.store.requests import Request

ERASED: Final = Refusal(
    code="JK-ASKING-0003",
    rule="asked-before",
    article="法30条の29",
    message_ja="このファイルは同じ事務で照会済みで、回答は引き渡されています。もう一度照会するときは --again を付けてください。",
    message_en="This file was asked for this affair before and its answer handed over; --again asks it anew.",
)
CALLED_OFF: Final = Refusal(
    code="JK-ASKING-0004",
    rule="not-called-off",
    article="法30条の29",
    message_ja="この照会は取りやめられました。それまでに提供されたものは、照会台帳に残っています。",
    message_en="The request was called off; what was provided before that is in the ledger.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAsked:
    """A request in bulk of one of the node's offices: one purpose, and a file of keys (一括照会)."""

    by: AtTerminal | Machine
    affair: str
    #: Case number or the like.
    reason: str
    kind: KeyKind
    #: What the file is called; it need not lie under this name.
    name: str
    #: Of the file of keys; None: recognised.
    encoding: Encoding | None = None
    #: Of the answer.
    format: Format = Format.CSV
    answer_encoding: Encoding = Encoding.UTF_8
    method: Method = Method.BULK
    #: Whether it is asked though the same file was asked before.
    again: bool = False


class Prepared(NamedTuple):
    """A file of keys as it lies ready to be pulled (準備した照会ファイル)."""

    digest: bytes
    #: Rows of each part.
    parts: tuple[int, ...]
    malformed: int
    #: Rows whose key stands in an earlier row too.
    duplicates: int

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return sum(self.parts)


class Fetched(NamedTuple):
    """How far a request is (一括照会の進行状況)."""

    request: Request
    #: Rows that have arrived, by result.
    results: dict[str, int]
    articles: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**self.request.to_dict(), "results": self.results, "articles": self.articles}


class Delivered(NamedTuple):
    """A file of answers that was put together (回答ファイル)."""

    file: Path
    #: Where faults of keys are listed; None: there are none.
    report: Path | None
    #: Characters that the file's encoding cannot hold; they are listed beside it.
    losses: int


def form_of(request: Request) -> AnswerForm:
    """How the answer to a request is written: with every item that the own book lets be told."""
    return AnswerForm(
        format=Format(request.format),
        encoding=Encoding(request.encoding),
        kind=KeyKind(request.kind),
        items=request.items,
    )
