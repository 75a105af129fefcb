# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of answers in bulk (一括提供の回答ファイル): a row for each row of the file of keys, in its order.

Rules of this file:

1. What a file says follows from what was received alone: written again after a crash, it is the same byte by byte.
2. Parts are written as they come (`answer_parts`); whoever has all of them puts them together. The whole file appears
   at once, or not at all.
3. A row says its line in the file of keys, the result, the article, and the items that were told. A row whose key could
   not be read says which column is at fault.
4. Nothing is lost in silence: each character that the encoding cannot hold is listed with its line.
"""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from openjuki.carriage.answer_parts import durably, give_up, hand_over
from openjuki.carriage.columns import find
from openjuki.carriage.encoding import UTF_8_BOM, Encoding
from openjuki.carriage.exporting import LOSS_FIELDS
from openjuki.carriage.files import Listing, said_plainly
from openjuki.carriage.key_files import FINE, KINDS, WHOLE_ROW
from openjuki.carriage.losses import Transcoder
from openjuki.residents.sequences import code_points
from openjuki.wire.bulk import NO_ARTICLE, RESULTS, KeyKind
from openjuki.wire.columns import answer_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from openjuki.carriage.answer_parts import PartFiles
    from openjuki.carriage.losses import Loss

    #: A `pyarrow.Array`; its stubs cannot follow the compute functions.
    type Column = Any

#: What a row says before the items that were told, and how people read it.
_HEAD: Final[Mapping[str, str]] = {
    "row": "行",
    "result": "照会結果",
    "article": "根拠条文",
    "fault": "不備の項目",
}
#: Items that a register has under another name, or not at all.
_JAPANESE: Final[Mapping[str, str]] = {
    "address": "住所",
    "state": "住民状態",
    "reason": "異動事由",
    "date_of_change": "異動年月日",
}
_WIDTHS: Final[Mapping[str, int]] = {"resident_code": 11, "individual_number": 12}
_ROW_AT_FAULT: Final = "row"
_ALL_BYTES: Final = 256
#: Rows that are put into lines together: as many as the processor has at hand.
_LINES_AT_ONCE: Final = 4096


class Format(StrEnum):
    """In which form an answer is written (回答ファイルの形式)."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """How a file of answers is written (回答ファイルの様式)."""

    format: Format
    encoding: Encoding
    #: By which kind of key was asked.
    kind: KeyKind
    #: What is told, in the order of the columns.
    items: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of a row, as programs call them."""
        return (*_HEAD, *self.items)


class Asked(NamedTuple):
    """What of a part is known without its answer (照会した行)."""

    #: The line of each row.
    lines: NDArray[np.int64]
    #: What each has at fault.
    wrong: NDArray[np.uint8]


def write_part(
    form: AnswerForm, told: pa.Table, articles: Sequence[str], asked: Asked, files: PartFiles
) -> None:
    """Write a part of an answer, as it was received and checked; the same part gives the same bytes.

    Raises:
        Unavailable: no permission, or no space.
    """
    table = _table(form, told, articles, asked)
    with said_plainly("the answer"):
        if form.format is Format.PARQUET:
            durably(files.alone, lambda file: parquet.write_table(table, file, compression="zstd"))
            return
        table, losses = _fitting(form, table)
        if losses:
            durably(files.losses, lambda file: file.write(b"".join(map(_json_line, losses))))
        files.grow(lambda file: _lines(form, table, file, header=not files.number))


def put_together(form: AnswerForm, parts: Iterable[PartFiles], file: Path, *, keep: bool = True) -> int:
    """Put the parts of an answer together; the file is there as a whole, or not at all. How many characters it lost.

    Args:
        form: as its parts were written.
        parts: all of them.
        file: where the whole is to be; the lists of what was lost stand beside it before.
        keep: whether it can be put together again.

    Raises:
        Unavailable: no permission, or no space.
    """
    listed, written = list(parts), file.with_name(f".{file.name}.part")
    lost = _list_losses(form, listed, file)
    with said_plainly("the answer"):
        if not keep and form.format is Format.CSV and give_up(listed[-1], file):
            return lost
        try:
            if form.format is Format.PARQUET:
                durably(written, lambda whole: _row_groups(form, listed, whole))
            else:
                hand_over(listed[-1], written)
            written.replace(file)
        finally:
            written.unlink(missing_ok=True)
    return lost


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a list of JSON lines; none where there is none."""
    if path.exists():
        with path.open("rb") as file:
            yield from map(orjson.loads, file)


def _table(form: AnswerForm, told: pa.Table, articles: Sequence[str], asked: Asked) -> pa.Table:
    """The rows as they are written."""
    head = [
        pa.array(asked.lines),
        _named([RESULTS.get(byte) for byte in range(_ALL_BYTES)], told["result"]),
        _named([*articles, *(None,) * (NO_ARTICLE + 1 - len(articles))], told["article"]),
        _named(_at_fault(form.kind), pa.array(asked.wrong)),
    ]
    items = [_text(item, _told(item, told)) for item in form.items]
    return pa.table([*head, *items], names=list(form.names))


def _told(item: str, told: pa.Table) -> Column:
    """A column of what was told; empty where nobody in this part was told it."""
    if item in told.column_names:
        return told[item].combine_chunks()
    return pa.nulls(told.num_rows, answer_schema([item]).field(item).type)


def _named(words: Sequence[str | None], bytes_: Column) -> Column:
    return pa.array(words, pa.string()).take(bytes_)


def _at_fault(kind: KeyKind) -> list[str | None]:
    """Words for what a row has at fault."""
    words: list[str | None] = [None] * _ALL_BYTES
    words[FINE + 1 : FINE + 1 + len(KINDS[kind])] = [item.name for item in KINDS[kind]]
    words[WHOLE_ROW] = _ROW_AT_FAULT
    return words


def _text(item: str, values: Column) -> Column:
    """A column as it is read: codes with their zeros."""
    if item in _WIDTHS:
        return pc.utf8_lpad(values.cast(pa.string()), _WIDTHS[item], "0")
    return values


def _lines(form: AnswerForm, table: pa.Table, file: BinaryIO, *, header: bool) -> None:
    """Write rows as lines, the first of them below the names of the columns."""
    if header:
        file.write(UTF_8_BOM if form.encoding is Encoding.UTF_8 else b"")
        file.write(",".join(map(japanese, form.names)).encode(form.encoding) + b"\r\n")
    if _is_narrow(form):
        sink = io.BytesIO()
        _csv(table, sink)
        file.write(sink.getvalue().decode().encode(form.encoding))
    else:
        _csv(table, file)


def _csv(table: pa.Table, sink: BinaryIO) -> None:
    options = arrow_csv.WriteOptions(include_header=False, batch_size=_LINES_AT_ONCE, eol="\r\n")  # type: ignore[call-arg]  # the stubs are older
    arrow_csv.write_csv(table, sink, options)


def _is_narrow(form: AnswerForm) -> bool:
    return form.encoding is not Encoding.UTF_8


def _fitting(form: AnswerForm, table: pa.Table) -> tuple[pa.Table, list[Mapping[str, Any]]]:
    """The rows as the encoding holds them, and what of them is lost."""
    losses: list[Mapping[str, Any]] = []
    if _is_narrow(form):
        transcoder = Transcoder(form.encoding)
        for place, name in enumerate(form.names):
            if pa.types.is_string(table.schema.field(place).type):
                values = table.column(place).combine_chunks()
                fitting, lost = _converted(values, transcoder)
                table = table.set_column(place, name, fitting)
                losses += (_loss(table["row"][row].as_py(), name, loss) for row, loss in lost)
    return table, sorted(losses, key=lambda one: int(one["row"]))


def _converted(values: Column, transcoder: Transcoder) -> tuple[Column, list[tuple[int, Loss]]]:
    """A column as the encoding holds it; nearly all columns are held as they stand."""
    texts = values.to_pylist()
    if transcoder.holds("\n".join(text for text in texts if text)):
        return values, []
    lost: list[tuple[int, Loss]] = []
    for row, text in enumerate(texts):
        if text and not transcoder.holds(text):
            texts[row], losses = transcoder.convert(text)
            lost += ((row, loss) for loss in losses)
    return pa.array(texts, pa.string()), lost


def _loss(row: int, name: str, loss: Loss) -> dict[str, Any]:
    return {
        "row": row,
        "column": name,
        "column_ja": japanese(name),
        "character": loss.character,
        "code_points": code_points(loss.character),
        "mj": loss.mj,
        "replacement": loss.replacement,
        "replacement_code_points": loss.replacement and code_points(loss.replacement),
        "by": loss.by,
    }


def japanese(name: str) -> str:
    """A column as people read it.

    >>> japanese("result"), japanese("name"), japanese("address")
    ('照会結果', '氏名', '住所')
    """
    column = find(name)
    return _HEAD.get(name) or _JAPANESE.get(name) or (name if column is None else column.japanese)


def _row_groups(form: AnswerForm, parts: Sequence[PartFiles], whole: BinaryIO) -> None:
    with ExitStack() as stack:
        writer: parquet.ParquetWriter | None = None
        for part in parts:
            table = parquet.read_table(part.alone, columns=list(form.names))
            if writer is None:
                writer = stack.enter_context(parquet.ParquetWriter(whole, table.schema, compression="zstd"))
            writer.write_table(table)


def _list_losses(form: AnswerForm, parts: Sequence[PartFiles], file: Path) -> int:
    if not _is_narrow(form):
        return 0
    listing, count = Listing(file, "losses", LOSS_FIELDS), 0
    listing.write(())
    for part in parts:
        lines = list(read_lines(part.losses))
        listing.write(lines)
        count += len(lines)
    listing.close()
    return count


def _json_line(line: Mapping[str, Any]) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
