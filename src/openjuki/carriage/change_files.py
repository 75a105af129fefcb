# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of changes for a clientele (異動のファイル): CSV (UTF-8 with BOM) or Parquet, a row for each change.

A row says the change's number in the list, when it was received, the key as it stands on the list, what the change means,
which of the items it has changed, and the items as they are now. The same changes give the same bytes. A file appears
whole or not at all.
"""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from pyarrow import parquet

from openjuki.config import JST
from openjuki.errors import NotWritable
from openjuki.wire.clientele import Meaning, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from openjuki.store.clientele import Change

#: What a change means, as people read it.
JAPANESE: Final[Mapping[Meaning, str]] = {
    Meaning.DIED: "死亡",
    Meaning.MOVED_WITHIN: "転居",
    Meaning.MOVED_TO_OTHER: "他市区町村への転入",
    Meaning.MOVED_ABROAD: "国外転出",
    Meaning.MOVING_OUT: "転出の届出",
    Meaning.MOVED_IN_FROM_ABROAD: "国外からの転入",
    Meaning.NAME_CHANGED: "氏名等の変更",
    Meaning.ENTERED: "住民票の記載",
    Meaning.REMOVED: "職権消除等",
    Meaning.NUMBER_CHANGED: "個人番号の変更",
    Meaning.KEY_SUPERSEDED: "コード・番号の変更済み",
    Meaning.RECORD_CORRECTED: "記録の修正",
}
#: Columns of every file, and then the items that may be told.
HEAD: Final = ("seq", "received_at", "key", "meaning", "meaning_ja", "changed", "article")
ITEMS: Final = (
    *("resident_code", "individual_number", "name", "furigana", "former_surname", "former_surname_furigana"),
    *("alias", "birth_date", "sex", "municipality", "address", "state", "reason", "date_of_change"),
)
_PARQUET: Final = ".parquet"


def to_dict(change: Change) -> dict[str, Any]:
    """JSON form of a change, as it is shown to the office."""
    told = Told.from_bytes(change.told)
    return {
        "seq": change.seq,
        "received_at": change.received_at.astimezone(JST).isoformat(),
        **told._asdict(),
        "meaning_ja": JAPANESE[told.meaning],
    }


def write(path: Path, changes: Iterable[Change]) -> int:
    """Write changes to a file, by its ending; returns how many.

    Raises:
        NotWritable: the disk does not take it.
    """
    rows = [_row(to_dict(change)) for change in changes]
    content = _parquet(rows) if path.suffix == _PARQUET else _csv(rows)
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise NotWritable(f"{path.name} cannot be written: {error.strerror}") from error
    return len(rows)


def _row(change: Mapping[str, Any]) -> tuple[str, ...]:
    head = {**change, "seq": str(change["seq"]), "changed": " ".join(change["changed"])}
    told = change["items"]
    return (*(head[name] for name in HEAD), *(_text(told.get(item)) for item in ITEMS))


def _text(value: Any) -> str:
    """An item as text; of a date that is not of the calendar, as it is recorded."""
    if isinstance(value, dict):
        return str(value["text"])
    return "" if value is None else str(value)


def _csv(rows: Sequence[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((*HEAD, *ITEMS))
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _parquet(rows: Sequence[tuple[str, ...]]) -> bytes:
    names = (*HEAD, *ITEMS)
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [pa.array(column, pa.string()) for column in columns]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_arrays(arrays, names=list(names)), sink, compression="zstd")
    return sink.getvalue().to_pybytes()
